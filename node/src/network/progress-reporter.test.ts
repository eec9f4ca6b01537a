import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { decodeFrame } from '@orlop/protocol/wire/frame'
import { progressFrame } from '@orlop/protocol/wire/common'
import type { FrameChannel } from '@orlop/transport/transport'
import type { Staging } from '../storage/interfaces.ts'
import { ManualTime } from '../storage/testkit/manual-time.ts'
import { ProgressReporter } from './progress-reporter.ts'

const KIB = 1024

describe('progress reports', () => {
  let time: ManualTime
  let told: number[]
  let syncs: number
  let staging: { receivedBytes: number; durableBytes: number; sync: () => Promise<number> }
  let reporter: ProgressReporter

  beforeEach(() => {
    time = new ManualTime()
    told = []
    syncs = 0
    staging = {
      receivedBytes: 0,
      durableBytes: 0,
      sync: () => {
        syncs += 1
        staging.durableBytes = staging.receivedBytes
        return Promise.resolve(staging.durableBytes)
      },
    }
    const channel = {
      send: (frame: Uint8Array) => {
        told.push(decodeFrame(progressFrame, frame).durableBytes)
        return Promise.resolve()
      },
    }
    reporter = new ProgressReporter({
      channel: channel as unknown as FrameChannel,
      staging: staging as unknown as Staging,
      clock: time,
      timers: time,
    })
  })

  async function append(bytes: number): Promise<void> {
    staging.receivedBytes += bytes
    reporter.noteAppended()
    await setImmediate()
  }

  it('come once a MiB on a fast link', async () => {
    for (let piece = 0; piece < 40; piece++) await append(64 * KIB)
    expect(told).to.deep.equal([1024 * KIB, 2048 * KIB])
  })

  it('come every 16 KiB on a slow link, but not more often than every 50 ms', async () => {
    for (let piece = 0; piece < 4; piece++) {
      time.advance(20)
      await append(8 * KIB)
    }
    expect(told).to.deep.equal([24 * KIB])
  })

  it('come when the sender pauses', async () => {
    await append(100)
    expect(told).to.deep.equal([])
    time.advance(250)
    await setImmediate()
    expect(told).to.deep.equal([100])
  })

  it('come for bytes that arrived during a sync, when the sender pauses then', async () => {
    const hold = Promise.withResolvers<undefined>()
    const { sync } = staging
    staging.sync = async () => {
      const upTo = staging.receivedBytes
      await hold.promise
      return upTo
    }
    await append(1024 * KIB)
    await append(10)
    staging.sync = sync
    hold.resolve(undefined)
    await setImmediate()
    time.advance(250)
    await setImmediate()
    expect(told).to.deep.equal([1024 * KIB, 1024 * KIB + 10])
  })

  it('never overlap, and end with the transfer', async () => {
    const hold = Promise.withResolvers<undefined>()
    staging.sync = async () => {
      syncs += 1
      const upTo = staging.receivedBytes
      await hold.promise
      return upTo
    }
    for (let piece = 0; piece < 40; piece++) await append(64 * KIB)
    expect(syncs).to.equal(1)
    const finished = reporter.finish()
    hold.resolve(undefined)
    await finished
    time.advance(1_000)
    await setImmediate()
    expect(told).to.deep.equal([1024 * KIB])
  })

  it('pass on that the disk failed', async () => {
    staging.sync = () => Promise.reject(new Error('disk'))
    await append(1024 * KIB)
    expect(() => {
      reporter.noteAppended()
    }).to.throw('disk')
  })
})

import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import { codeOf, keyOf, sample, termsOf } from './blob-store.conformance.ts'
import { DiskRoom } from './disk-room.ts'
import { FileStaging } from './file-staging.ts'
import { StagedStrip, type StagingMedium } from './staged-strip.ts'

/** Bytes in memory whose syncs a test lets end, and whose writes it lets fail half-way. */
class ScriptedMedium implements StagingMedium {
  bytes: Uint8Array
  failsNextWrite = false
  syncsAsked = 0
  /** While true, a sync ends when its entry here is called. */
  holdsSyncs = false
  readonly heldSyncs: (() => void)[] = []

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.bytes = bytes
  }

  get lengthBytes(): number {
    return this.bytes.length
  }

  write(data: Uint8Array, offsetBytes: number): Promise<void> {
    const written = this.failsNextWrite ? data.subarray(0, data.length / 2) : data
    this.bytes = new Uint8Array(Buffer.concat([this.bytes.subarray(0, offsetBytes), written]))
    if (!this.failsNextWrite) return Promise.resolve()
    this.failsNextWrite = false
    return Promise.reject(new OrlopError('DISK_FULL', 'scripted'))
  }

  truncate(lengthBytes: number): Promise<void> {
    this.bytes = this.bytes.slice(0, lengthBytes)
    return Promise.resolve()
  }

  sync(): Promise<void> {
    this.syncsAsked += 1
    if (!this.holdsSyncs) return Promise.resolve()
    return new Promise((resolve) => this.heldSyncs.push(resolve))
  }

  async *read(lengthBytes: number): AsyncIterable<Uint8Array> {
    yield await Promise.resolve(this.bytes.subarray(0, lengthBytes))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

describe('staged strip', () => {
  it('calls durable only what was there when the sync began', async () => {
    const medium = new ScriptedMedium()
    const staging = await new StagedStrip(keyOf(1), medium).hold(1000)
    await staging.append(sample(100))
    medium.holdsSyncs = true
    const sync = staging.sync()
    await staging.append(sample(50, 2))
    medium.heldSyncs.shift()?.()
    expect(await sync).to.equal(100)
    expect([staging.receivedBytes, staging.durableBytes]).to.deep.equal([150, 100])
  })

  it('cuts off what a failed write left and comes to the right root afterwards', async () => {
    const medium = new ScriptedMedium()
    const strip = new StagedStrip(keyOf(1), medium)
    const staging = await strip.hold(100_000)
    await staging.append(sample(10_000))
    medium.failsNextWrite = true
    expect(await codeOf(staging.append(sample(9000, 2)))).to.equal('DISK_FULL')
    expect([medium.bytes.length, staging.receivedBytes]).to.deep.equal([10_000, 10_000])
    await staging.append(sample(70_000, 3))
    const expected = termsOf(Buffer.concat([sample(10_000), sample(70_000, 3)]))
    expect(await staging.seal()).to.deep.equal(expected)
  })

  it('makes what a restart found durable before it says so', async () => {
    const medium = new ScriptedMedium(sample(500))
    const staging = await new StagedStrip(keyOf(1), medium).hold(1000)
    expect(medium.syncsAsked).to.equal(1)
    expect(staging.durableBytes).to.equal(500)
  })

  const onLinux = process.platform === 'linux' ? it : it.skip
  onLinux('turns a full disk into DISK_FULL (by the device that only Linux has)', async () => {
    // Every write to it fails with ENOSPC.
    const staging = await FileStaging.open('/dev/full', roomy())
    expect(await codeOf(staging.write(sample(10), 0))).to.equal('DISK_FULL')
    await staging.close()
  })
})

const roomy = () => new DiskRoom(() => Promise.resolve(1e9), 0)

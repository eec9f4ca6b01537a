import { expect } from 'chai'
import fc from 'fast-check'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { concat, u32be } from '@orlop/crypto/bytes'
import { YamuxGuard } from './yamux-guard.ts'

const DATA = 0
const WINDOW_UPDATE = 1
const PING = 2

/** A yamux header; what follows it is up to the test. */
function header(type: number, length: number): Uint8Array {
  return concat(Uint8Array.of(0, type, 0, 0), u32be(1), u32be(length))
}

describe('yamux guard', () => {
  it('lets frames pass whose data fit the window, however they are cut', () => {
    const stream = concat(
      header(DATA, 1_000),
      new Uint8Array(1_000).fill(0xff),
      header(WINDOW_UPDATE, 0xffff_ffff),
      header(DATA, 0),
      header(DATA, 3),
      new Uint8Array(3),
    )
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (cuts) => {
        const guard = new YamuxGuard({ maxDataBytes: 1_000 })
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const end = at + cuts[turn % cuts.length]!
          guard.push(stream.subarray(at, end))
          at = end
        }
        expect(() => {
          guard.push(header(DATA, 1_001))
        }).to.throw(OrlopError, '1001 bytes')
      }),
      { numRuns: 50 },
    )
  })

  it('refuses a data frame above the window at its header', () => {
    const guard = new YamuxGuard({ maxDataBytes: 256 })
    expect(() => {
      guard.push(header(DATA, 0xffff_ffff))
    })
      .to.throw(OrlopError)
      .with.property('code', 'MESSAGE_TOO_LARGE')
  })

  it('refuses more frames in a second than allowed, and counts each second anew', () => {
    let nowMs = 0
    const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
    const guard = new YamuxGuard({ maxDataBytes: 256, maxFramesPerSecond: 2, clock })
    const ping = header(PING, 1)
    guard.push(concat(ping, ping))
    nowMs = 1_000
    guard.push(concat(ping, ping))
    expect(() => {
      guard.push(ping)
    })
      .to.throw(OrlopError)
      .with.property('code', 'PEER_LIMIT')
  })
})

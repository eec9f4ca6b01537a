import { expect } from 'chai'
import { ManualClock } from '../testkit/manual-clock.ts'
import { SendWindow } from './send-window.ts'

const KIB = 1024
const FRAME_BYTES = 16 * KIB
const STEP_MS = 1
const ACK_EVERY_MS = 50

interface Link {
  bytesPerMs: number
  /** From the client to the node's disk and back, with empty buffers. */
  delayMs: number
}

/** An upload over a link whose buffers take everything: what the window lets through, step by step. */
class SimulatedUpload {
  readonly clock = new ManualClock()
  readonly window = new SendWindow(this.clock)
  readonly link: Link
  sentBytes = 0
  arrivedBytes = 0
  durableBytes = 0
  #elapsedMs = 0
  readonly #acks: { atMs: number; offset: number }[] = []

  constructor(link: Link) {
    this.link = link
    this.window.noteDurable(0)
  }

  /** What a break would cost now. */
  get bufferedBytes(): number {
    return this.sentBytes - this.arrivedBytes
  }

  run(durationMs: number): void {
    for (const endMs = this.#elapsedMs + durationMs; this.#elapsedMs < endMs;) this.#step()
  }

  #step(): void {
    this.clock.advance(STEP_MS)
    this.#elapsedMs += STEP_MS
    while (this.sentBytes + FRAME_BYTES - this.durableBytes <= this.window.bytes) {
      this.sentBytes += FRAME_BYTES
      this.window.noteSent(this.sentBytes)
    }
    const { bytesPerMs, delayMs } = this.link
    this.arrivedBytes = Math.min(this.sentBytes, this.arrivedBytes + bytesPerMs * STEP_MS)
    if (this.#elapsedMs % ACK_EVERY_MS === 0) {
      this.#acks.push({ atMs: this.#elapsedMs + delayMs, offset: this.arrivedBytes })
    }
    while (this.#acks[0] !== undefined && this.#acks[0].atMs <= this.#elapsedMs) {
      this.durableBytes = this.#acks.shift()!.offset
      this.window.noteDurable(this.durableBytes)
    }
  }
}

describe('send window', () => {
  const links: [string, Link][] = [
    ['of 2 MB/s', { bytesPerMs: 2_000, delayMs: 20 }],
    ['of 8 MB/s', { bytesPerMs: 8_000, delayMs: 5 }],
    ['of 500 kB/s over a satellite', { bytesPerMs: 500, delayMs: 600 }],
  ]
  for (const [name, link] of links) {
    it(`fills a link ${name}, and keeps its buffers short however large they are`, () => {
      const upload = new SimulatedUpload(link)
      upload.run(3_000)
      const before = upload.arrivedBytes
      upload.run(3_000)
      expect((upload.arrivedBytes - before) / (3_000 * link.bytesPerMs)).to.be.within(0.9, 1)
      // What 6 s carried; a break costs no more than 5 % of it.
      expect(upload.bufferedBytes / upload.arrivedBytes).to.be.lessThan(0.05)
    })
  }

  it('risks on a fast link no more than a small share of what the connection carried', () => {
    const upload = new SimulatedUpload({ bytesPerMs: 30_000, delayMs: 60 })
    for (let round = 0; round < 200; round++) {
      upload.run(50)
      if (upload.arrivedBytes < 12_000_000) continue
      expect((upload.sentBytes - upload.durableBytes) / upload.arrivedBytes).to.be.lessThan(0.05)
    }
    expect(upload.arrivedBytes).to.be.greaterThan(100_000_000)
  })

  it('lets more be under way the longer a link has held', () => {
    const upload = new SimulatedUpload({ bytesPerMs: 2_000, delayMs: 20 })
    upload.run(3_000)
    const young = upload.window.bytes
    upload.run(20_000)
    expect(upload.window.bytes).to.be.greaterThan(2 * young)
    expect(upload.bufferedBytes / upload.arrivedBytes).to.be.lessThan(0.05)
  })

  it('follows a link that becomes slower, and one that becomes faster', () => {
    const upload = new SimulatedUpload({ bytesPerMs: 4_000, delayMs: 10 })
    upload.run(3_000)
    upload.link.bytesPerMs = 400
    upload.run(15_000)
    expect(upload.window.bytes).to.be.lessThan(400 * 600)
    upload.link.bytesPerMs = 4_000
    upload.run(5_000)
    const before = upload.arrivedBytes
    upload.run(1_000)
    expect(upload.arrivedBytes - before).to.be.greaterThan(0.9 * 4_000_000)
  })
})

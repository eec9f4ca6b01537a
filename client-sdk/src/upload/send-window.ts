import type { Clock } from '@orlop/protocol/clock'

const KIB = 1024

/** Before anything is known of the link. */
const FIRST_BYTES = 512 * KIB
const LEAST_BYTES = 64 * KIB
const MOST_BYTES = 8 * 1024 * KIB
/** More than the link holds, so that one that has become faster is noticed … */
const LEAST_SPARE_MS = 50
/** … and more the longer it has held: what a break costs stays a small share of what the connection carried. */
const SPARE_SHARE = 0.02
/** And on a fast link, however long it holds: no more of what the connection carried than this. */
const CARRIED_SHARE = 0.04
/** A speed over less time than this is chance. */
const SPEED_SPAN_MS = 250
/** How long the best speed is believed. */
const MEMORY_MS = 10_000

interface Sample {
  readonly atMs: number
  readonly value: number
}

/**
 * How much an upload may have under way over one connection, sent and not yet on the node's disk. What stands in buffers when a link
 * breaks is sent again, and buffers along the way take megabytes. So this follows the link: the best speed of late times the least
 * delay, as in BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14(5), 2016), and some to spare.
 */
export class SendWindow {
  readonly #clock: Clock
  readonly #startedMs: number
  /** Ends of what was sent and is not durable, oldest first; the value is the offset. */
  readonly #underWay: Sample[] = []
  /** Durable offsets of late. */
  #durable: Sample[] = []
  #speeds: Sample[] = []
  /** Durable offset at the beginning; null before it is known. */
  #firstOffset: number | null = null
  #carriedBytes = 0
  /** The least so far: buffers empty at the beginning, and never again on a link that stays full. */
  #delayMs = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
  }

  /** Bytes that may be under way now. */
  get bytes(): number {
    if (this.#speeds.length === 0) return FIRST_BYTES
    const heldMs = this.#clock.monotonicMs() - this.#startedMs
    const spareMs = Math.max(LEAST_SPARE_MS, heldMs * SPARE_SHARE)
    const bytesPerMs = Math.max(...this.#speeds.map(({ value }) => value))
    const bytes = Math.round(bytesPerMs * (this.#delayMs + spareMs))
    const most = Math.max(FIRST_BYTES, Math.round(this.#carriedBytes * CARRIED_SHARE))
    return Math.min(MOST_BYTES, most, Math.max(LEAST_BYTES, bytes))
  }

  /** @param offset - of the stream, behind the last byte sent. */
  noteSent(offset: number): void {
    this.#underWay.push({ atMs: this.#clock.monotonicMs(), value: offset })
  }

  /** @param offset - up to which the node has the stream on disk. */
  noteDurable(offset: number): void {
    const atMs = this.#clock.monotonicMs()
    this.#firstOffset ??= offset
    this.#carriedBytes = offset - this.#firstOffset
    this.#noteDelay(offset, atMs)
    this.#noteSpeed(offset, atMs)
    this.#durable.push({ atMs, value: offset })
  }

  /** Counts from the oldest byte that is acknowledged now: it waited for the node's turn, as every byte does. */
  #noteDelay(offset: number, atMs: number): void {
    const [oldest] = this.#underWay
    if (oldest === undefined || oldest.value > offset) return
    const left = this.#underWay.findIndex(({ value }) => value > offset)
    this.#underWay.splice(0, left === -1 ? this.#underWay.length : left)
    this.#delayMs = Math.min(this.#delayMs, atMs - oldest.atMs)
  }

  #noteSpeed(offset: number, atMs: number): void {
    const start = this.#durable.findLastIndex((one) => atMs - one.atMs >= SPEED_SPAN_MS)
    const from = this.#durable[start]
    if (from === undefined || this.#delayMs === Infinity) return
    this.#durable = this.#durable.slice(start)
    const recent = this.#speeds.filter((speed) => atMs - speed.atMs < MEMORY_MS)
    this.#speeds = [...recent, { atMs, value: (offset - from.value) / (atMs - from.atMs) }]
  }
}

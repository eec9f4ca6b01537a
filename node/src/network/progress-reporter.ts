import type { Clock } from '@orlop/protocol/clock'
import { ACK_INTERVAL_MS, ACK_MAX_BYTES, ACK_MIN_BYTES } from '@orlop/protocol/limits'
import type { FrameChannel } from '@orlop/transport/transport'
import type { Timers } from '../outbox/timers.ts'
import type { Staging } from '../storage/interfaces.ts'
import { sendValue } from './wire.ts'

export interface ProgressReporterParts {
  channel: FrameChannel
  staging: Staging
  clock: Clock
  timers: Timers
}

/**
 * Makes arriving bytes durable and says so: on a fast link about every MiB, on a slow one every 16 KiB or when the sender pauses
 * (formats 7), never more than one sync at a time.
 */
export class ProgressReporter {
  readonly #parts: ProgressReporterParts
  readonly #ended = new AbortController()
  #toldBytes: number
  #toldMs: number
  #appendedMs = 0
  #syncing: Promise<void> | null = null
  #pausing = false
  #failure: { cause: unknown } | null = null

  constructor(parts: ProgressReporterParts) {
    this.#parts = parts
    this.#toldBytes = parts.staging.durableBytes
    this.#toldMs = parts.clock.monotonicMs()
  }

  /** Called after every append. @throws what a sync or the channel failed with. */
  noteAppended(): void {
    if (this.#failure !== null) throw this.#failure.cause
    this.#appendedMs = this.#parts.clock.monotonicMs()
    if (this.#syncing !== null) return
    const untoldBytes = this.#parts.staging.receivedBytes - this.#toldBytes
    const elapsedMs = this.#appendedMs - this.#toldMs
    const isDue =
      untoldBytes >= ACK_MAX_BYTES || (untoldBytes >= ACK_MIN_BYTES && elapsedMs >= ACK_INTERVAL_MS)
    if (isDue) this.#sync()
    else this.#syncAfterPause(ACK_INTERVAL_MS)
  }

  /** Waits for what is under way; reports nothing afterwards. @throws as {@link noteAppended}. */
  async finish(): Promise<void> {
    this.#ended.abort()
    await this.#syncing
    if (this.#failure !== null) throw this.#failure.cause
  }

  #syncAfterPause(pauseMs: number): void {
    if (this.#pausing) return
    this.#pausing = true
    const { timers, staging, clock } = this.#parts
    void timers.wait(pauseMs, this.#ended.signal).then(() => {
      this.#pausing = false
      const isTold = staging.receivedBytes === this.#toldBytes
      if (this.#ended.signal.aborted || this.#syncing !== null || isTold) return
      const quietMs = clock.monotonicMs() - this.#appendedMs
      if (quietMs >= ACK_INTERVAL_MS) this.#sync()
      else this.#syncAfterPause(ACK_INTERVAL_MS - quietMs)
    })
  }

  #sync(): void {
    this.#syncing = this.#tell()
      .catch((cause: unknown) => {
        this.#failure = { cause }
      })
      .finally(() => {
        this.#syncing = null
        // What came meanwhile must not wait for the sender's next byte.
        const hasMore = this.#parts.staging.receivedBytes > this.#toldBytes
        if (hasMore && this.#failure === null) this.#syncAfterPause(ACK_INTERVAL_MS)
      })
  }

  async #tell(): Promise<void> {
    const { channel, staging, clock } = this.#parts
    const durableBytes = await staging.sync()
    this.#toldMs = clock.monotonicMs()
    if (durableBytes <= this.#toldBytes) return
    this.#toldBytes = durableBytes
    await sendValue(channel, { durableBytes })
  }
}

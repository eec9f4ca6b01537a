import { isOrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import type { StorageMetrics, StripKey, StripReader } from './interfaces.ts'
import { formatStripKey } from './key-space.ts'
import { describeStrip } from './strip-name.ts'

/** Remembers which strips were found damaged, so that the operator hears of each once. */
export class DamageWatch {
  readonly #parts: { metrics: StorageMetrics; logger: Logger }
  readonly #damaged = new Set<string>()

  constructor(parts: { metrics: StorageMetrics; logger: Logger }) {
    this.#parts = parts
  }

  get count(): number {
    return this.#damaged.size
  }

  /** Opens a reader that is watched too: most damage shows only in the block that is read. */
  async open(key: StripKey, opening: Promise<StripReader>): Promise<StripReader> {
    try {
      const reader = await opening
      return {
        stripBytes: reader.stripBytes,
        read: (offsetBytes, lengthBytes) => this.#read(key, reader.read(offsetBytes, lengthBytes)),
        close: () => reader.close(),
      }
    } catch (error) {
      this.#note(key, error)
      throw error
    }
  }

  /** The strip is not here any more. */
  forget(key: StripKey): void {
    this.#damaged.delete(formatStripKey(key))
  }

  async *#read(key: StripKey, pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      yield* pieces
    } catch (error) {
      this.#note(key, error)
      throw error
    }
  }

  #note(key: StripKey, error: unknown): void {
    const name = formatStripKey(key)
    if (!isOrlopError(error, 'STRIP_DAMAGED') || this.#damaged.has(name)) return
    this.#damaged.add(name)
    this.#parts.metrics.add('strips_damaged_total', 1)
    this.#parts.logger.error(
      { err: error, clientId: key.clientId, index: key.index },
      `${describeStrip(key)} is damaged on the disk: bring its file back from a copy`,
    )
  }
}

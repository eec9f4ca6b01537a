import { OrlopError } from '@orlop/protocol/errors'

import { abortable } from './abortable.ts'

/** Cuts a stream of pieces of any size into parts of the lengths asked for. */
export class SealedReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal | undefined
  #piece: Uint8Array = new Uint8Array(0)
  #bytesRead = 0

  constructor(stream: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    this.#pieces = stream[Symbol.asyncIterator]()
    this.#signal = signal
  }

  /**
   * Reads exactly as many bytes as `target` takes.
   *
   * @throws OrlopError `OBJECT_DAMAGED` when the stream ends before; `ABORTED` on the signal; and what the stream throws.
   */
  async read(target: Uint8Array): Promise<void> {
    let filled = 0
    while (filled < target.length) {
      if (this.#piece.length === 0) this.#piece = await this.#next(target.length - filled)
      const taken = this.#piece.subarray(0, target.length - filled)
      target.set(taken, filled)
      filled += taken.length
      this.#piece = this.#piece.subarray(taken.length)
    }
    this.#bytesRead += filled
  }

  /** Tells the stream that no more is wanted; does not wait, because a stream that hangs would never answer. */
  cancel(): void {
    this.#pieces.return?.().catch(() => undefined)
  }

  async #next(missingBytes: number): Promise<Uint8Array> {
    const next = await abortable(this.#pieces.next(), this.#signal, 'Opening')
    if (next.done !== true) return next.value
    throw new OrlopError(
      'OBJECT_DAMAGED',
      `The sealed bytes end ${missingBytes} bytes too early. Fetch them again, from another node if need be.`,
      { details: { bytesRead: this.#bytesRead, missingBytes } },
    )
  }
}

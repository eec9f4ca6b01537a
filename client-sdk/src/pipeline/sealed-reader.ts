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
   * Reads exactly `lengthBytes`, into memory of their own.
   *
   * @throws OrlopError `OBJECT_DAMAGED` when the stream ends before; `ABORTED` on the signal; and what the stream throws.
   */
  async read(lengthBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const target = new Uint8Array(lengthBytes)
    let filled = 0
    while (filled < lengthBytes) {
      if (this.#piece.length === 0) this.#piece = await this.#next(lengthBytes - filled)
      const taken = this.#piece.subarray(0, lengthBytes - filled)
      target.set(taken, filled)
      filled += taken.length
      this.#piece = this.#piece.subarray(taken.length)
    }
    this.#bytesRead += filled
    return target
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

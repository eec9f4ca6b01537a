import { OrlopError } from '@orlop/protocol/errors'

import type { ByteSource } from './byte-source.ts'

/**
 * Makes a source of a stream of pieces of any size.
 *
 * @param sizeBytes length of the whole, where the caller knows it; it is then checked at the end.
 */
export function streamSource(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sizeBytes: number | null = null,
): ByteSource {
  return new StreamSource(stream, sizeBytes)
}

class StreamSource implements ByteSource {
  readonly sizeBytes: number | null
  readonly #pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array(0)
  #bytesRead = 0
  #isDone = false

  constructor(stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, sizeBytes: number | null) {
    this.sizeBytes = sizeBytes
    this.#pieces =
      Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]()
  }

  async read(target: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < target.length) {
      if (this.#piece.length === 0 && !(await this.#nextPiece())) break
      const taken = this.#piece.subarray(0, target.length - filled)
      target.set(taken, filled)
      filled += taken.length
      this.#piece = this.#piece.subarray(taken.length)
    }
    this.#bytesRead += filled
    return filled
  }

  verify(): Promise<void> {
    if (this.sizeBytes === null || this.sizeBytes === this.#bytesRead) return Promise.resolve()
    return Promise.reject(
      new OrlopError(
        'FILE_CHANGED',
        `The stream gave ${this.#bytesRead} bytes, ${this.sizeBytes} were announced. Nothing was stored; try again with the right length.`,
        { details: { bytesRead: this.#bytesRead, sizeBytes: this.sizeBytes } },
      ),
    )
  }

  /** Lets the stream clean up, when it was not read to its end. */
  async close(): Promise<void> {
    if (this.#isDone) return
    this.#isDone = true
    await this.#pieces.return?.()
  }

  async #nextPiece(): Promise<boolean> {
    while (!this.#isDone) {
      const next = await this.#pieces.next()
      if (next.done === true) {
        this.#isDone = true
        return false
      }
      if (next.value.length === 0) continue
      this.#piece = next.value
      return true
    }
    return false
  }
}

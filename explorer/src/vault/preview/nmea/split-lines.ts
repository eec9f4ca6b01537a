const LF = 0x0a
const CR = 0x0d

/** What takes lines: the bytes without their line end, or null for a line longer than the limit. */
export type LineSink = (line: Uint8Array | null) => void

/** Cuts a stream of bytes into lines at LF, CR or both, and holds never more than one line of limited length. */
export class LineSplitter {
  readonly #sink: LineSink
  readonly #held: Uint8Array
  #heldBytes = 0
  #isTooLong = false

  constructor(sink: LineSink, maxLineBytes: number) {
    this.#sink = sink
    this.#held = new Uint8Array(maxLineBytes)
  }

  /** Takes the next bytes. Lines given to the sink are valid only while it runs. */
  push(bytes: Uint8Array): void {
    let start = 0
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]
      if (byte !== LF && byte !== CR) continue
      this.#end(bytes.subarray(start, index))
      start = index + 1
    }
    this.#hold(bytes.subarray(start))
  }

  /** Gives the last line, which needs no line end. */
  finish(): void {
    this.#end(new Uint8Array())
  }

  #hold(part: Uint8Array): void {
    if (this.#heldBytes + part.length > this.#held.length) this.#isTooLong = true
    if (this.#isTooLong) return
    this.#held.set(part, this.#heldBytes)
    this.#heldBytes += part.length
  }

  #end(part: Uint8Array): void {
    if (this.#heldBytes === 0 && !this.#isTooLong && part.length <= this.#held.length) {
      this.#sink(part)
      return
    }
    this.#hold(part)
    this.#sink(this.#isTooLong ? null : this.#held.subarray(0, this.#heldBytes))
    this.#heldBytes = 0
    this.#isTooLong = false
  }
}

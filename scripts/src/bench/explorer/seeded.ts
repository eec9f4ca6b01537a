import { createHash } from 'node:crypto'

/** Values that look random and are the same for the same seed: SHA-256 of seed and counter. */
export class Seeded {
  readonly #seed: number
  #pool: Buffer = Buffer.alloc(0)
  #offset = 0
  #counter = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** A fresh array. @param length - at most 32. */
  bytes(length: number): Uint8Array {
    if (this.#offset + length > this.#pool.length) {
      this.#pool = createHash('sha256').update(`${this.#seed} ${this.#counter++}`).digest()
      this.#offset = 0
    }
    this.#offset += length
    return new Uint8Array(this.#pool.subarray(this.#offset - length, this.#offset))
  }

  /** 0x and 64 hexadecimal digits. */
  hash(): string {
    return `0x${Buffer.from(this.bytes(32)).toString('hex')}`
  }

  /** From 0 to `bound` − 1; `bound` at most 2³². */
  below(bound: number): number {
    return new DataView(this.bytes(4).buffer).getUint32(0) % bound
  }

  /** One of several. */
  of<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)]
    if (value === undefined) throw new RangeError('values: expected at least one, got none')
    return value
  }
}

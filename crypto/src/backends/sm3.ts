import { HashMD } from '@noble/hashes/_md.js'
import { createHasher } from '@noble/hashes/utils.js'

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const LENGTH_FIELD_BYTES = 8
/** GB/T 32905-2016 section 4.1. */
const INITIAL_STATE = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
] as const

/** The expanded block, shared by all hashes: nothing else runs while one is compressed. */
const words = new Uint32Array(68)

class Sm3 extends HashMD<Sm3> {
  readonly #state = Uint32Array.from(INITIAL_STATE)

  constructor() {
    super(BLOCK_BYTES, DIGEST_BYTES, LENGTH_FIELD_BYTES, false)
  }

  destroy(): void {
    this.destroyed = true
    this.#state.fill(0)
    this.buffer.fill(0)
  }

  _cloneInto(to: Sm3 = new Sm3()): Sm3 {
    to.#state.set(this.#state)
    to.buffer.set(this.buffer)
    to.length = this.length
    to.pos = this.pos
    to.finished = this.finished
    to.destroyed = this.destroyed
    return to
  }

  protected override process(block: DataView, offset: number): void {
    expand(block, offset)
    compress(this.#state)
  }

  protected override get(): number[] {
    return [...this.#state]
  }

  protected override set(...state: number[]): void {
    this.#state.set(state)
  }

  protected override roundClean(): void {
    words.fill(0)
  }
}

/** SM3 (GB/T 32905-2016) in JavaScript, for use with the constructions of @noble/hashes. */
export const sm3 = createHasher(() => new Sm3())

/** Section 5.3.2. */
function expand(block: DataView, offset: number): void {
  for (let at = 0; at < 16; at++) words[at] = block.getUint32(offset + 4 * at)
  for (let at = 16; at < 68; at++) {
    const mixed = word(at - 16) ^ word(at - 9) ^ rotate(word(at - 3), 15)
    words[at] = permute1(mixed) ^ rotate(word(at - 13), 7) ^ word(at - 6)
  }
}

/** Section 5.3.3. */
function compress(state: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let round = 0; round < 64; round++) {
    const isEarly = round < 16
    const constant = rotate(isEarly ? 0x79cc4519 : 0x7a879d8a, round % 32)
    const ss1 = rotate((rotate(a, 12) + e + constant) | 0, 7)
    const ss2 = ss1 ^ rotate(a, 12)
    const ff = isEarly ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
    const gg = isEarly ? e ^ f ^ g : (e & f) | (~e & g)
    const tt1 = (ff + d + ss2 + (word(round) ^ word(round + 4))) | 0
    const tt2 = (gg + h + ss1 + word(round)) | 0
    d = c
    c = rotate(b, 9)
    b = a
    a = tt1
    h = g
    g = rotate(f, 19)
    f = e
    e = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17)
  }
  for (const [at, value] of [a, b, c, d, e, f, g, h].entries()) {
    state[at] = (state[at] ?? 0) ^ value
  }
}

/** P₁ of section 4.4. */
function permute1(value: number): number {
  return value ^ rotate(value, 15) ^ rotate(value, 23)
}

function word(at: number): number {
  return words[at] ?? 0
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> ((32 - bits) & 31))
}

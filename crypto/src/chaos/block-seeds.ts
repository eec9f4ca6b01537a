import { CHUNK_SEED_BYTES } from './chunk-seed.ts'
import { chen } from './flows/chen.ts'
import { FlowOrbit } from './flows/flow-orbit.ts'
import { lorenz } from './flows/lorenz.ts'
import type { PlanePoint } from './maps/plane-map.ts'

/** What one block needs: where its two maps start, and its disturbance sequence. */
export interface BlockSeed {
  henon: PlanePoint
  logistic: PlanePoint
  /** First disturbance word, uint32. */
  disturbance: number
  /** Added to the disturbance after each word, odd uint32. */
  disturbanceStep: number
}

/** Keystream bytes made from one seeding of the maps: the paper's block length N. */
export const BLOCK_BYTES = 4096

/** The paper's ρ = θ ÷ (N/4) + N0 with θ = N·i: four flow steps from one block to the next. */
const STEPS_PER_BLOCK = 4
const LEAST_WARM_UP_STEPS = 1000

/**
 * The seeds of a chunk's blocks, in order (the paper's step 2): both flows start at points taken
 * from the chunk's seed, run through a warm-up whose length is secret too, and then give three
 * words each per block.
 */
export class BlockSeeds {
  readonly #lorenz: FlowOrbit
  readonly #chen: FlowOrbit
  #started = false

  constructor(chunkSeed: Uint8Array) {
    const words = new DataView(chunkSeed.buffer, chunkSeed.byteOffset, CHUNK_SEED_BYTES)
    this.#lorenz = new FlowOrbit(lorenz, startPoint(words, 0))
    this.#chen = new FlowOrbit(chen, startPoint(words, 3))
    this.#lorenz.advance(LEAST_WARM_UP_STEPS + (words.getUint32(6 * 8, true) & 1023))
    this.#chen.advance(LEAST_WARM_UP_STEPS + (words.getUint32(7 * 8, true) & 1023))
  }

  /** The seed of the next block: block 0 on the first call. */
  next(): BlockSeed {
    if (this.#started) {
      this.#lorenz.advance(STEPS_PER_BLOCK)
      this.#chen.advance(STEPS_PER_BLOCK)
    }
    this.#started = true
    const first = this.#lorenz.at
    const second = this.#chen.at
    const [w1, w2, w3] = [flowWord(first.x), flowWord(first.y), flowWord(first.z)]
    // The paper's (5): removes what the two flows' words have in common.
    const [w4, w5, w6] = [flowWord(second.x) ^ w1, flowWord(second.y) ^ w2, flowWord(second.z) ^ w3]
    return {
      henon: { x: fraction(w1) * 0.5 - 0.25, y: fraction(w2) * 0.1 - 0.05 },
      logistic: { x: 0.1 + 0.8 * fraction(w3), y: 0.1 + 0.8 * fraction(w4) },
      disturbance: w5 >>> 0,
      disturbanceStep: (w6 | 1) >>> 0,
    }
  }

  /** Forgets the flows' points. */
  wipe(): void {
    this.#lorenz.wipe()
    this.#chen.wipe()
  }
}

function startPoint(words: DataView, index: number) {
  return {
    x: unitInterval(words, index) * 16 - 8,
    y: unitInterval(words, index + 1) * 16 - 8,
    z: unitInterval(words, index + 2) * 16 - 8 + 25,
  }
}

/** The top 53 bits of a 64-bit word as a number in [0, 1), exact. */
function unitInterval(words: DataView, index: number): number {
  const low = words.getUint32(index * 8, true)
  const high = words.getUint32(index * 8 + 4, true)
  return (high * 2 ** 21 + (low >>> 11)) * 2 ** -53
}

/** The paper's "decimal shift and modulo" in binary; the flows stay below 64 in every coordinate. */
function flowWord(value: number): number {
  return Math.floor(Math.abs(value) * 2 ** 38) >>> 0
}

function fraction(word: number): number {
  return (word >>> 0) * 2 ** -32
}

import { henon } from './maps/henon.ts'
import { logistic2d } from './maps/logistic-2d.ts'
import type { PlanePoint } from './maps/plane-map.ts'

/** What one iteration of both maps gives: four uint32. */
export interface KeyWords {
  phi1: number
  phi2: number
  phi3: number
  phi4: number
}

/** Iterations thrown away after seeding a block, so that close seeds have parted. */
const DISCARDED_ITERATIONS = 128

/**
 * The paper's encryption sequence φ (step 3): the Hénon and the 2D-Logistic map run side by side
 * from one block's seed, and each iteration of both gives four key words.
 */
export class KeySequence {
  readonly #henon: PlanePoint
  readonly #logistic: PlanePoint

  /** @param seed - where the maps start; the sequence moves these very points. */
  constructor(seed: { henon: PlanePoint; logistic: PlanePoint }) {
    this.#henon = seed.henon
    this.#logistic = seed.logistic
    for (let i = 0; i < DISCARDED_ITERATIONS; i++) this.#iterate()
  }

  /** Iterates both maps once. */
  next(): KeyWords {
    this.#iterate()
    const phi1 = mapWord(this.#henon.x)
    const phi2 = mapWord(this.#henon.y)
    // The paper's (8): mixes the two maps.
    const phi3 = (mapWord(this.#logistic.x) ^ phi1) >>> 0
    const phi4 = (mapWord(this.#logistic.y) ^ phi2) >>> 0
    return { phi1, phi2, phi3, phi4 }
  }

  #iterate(): void {
    henon.iterate(this.#henon)
    logistic2d.iterate(this.#logistic)
  }
}

/** Step 4 of the paper, "decimal shift and modulo", in binary; both maps stay below 2. */
function mapWord(value: number): number {
  return Math.floor(Math.abs(value) * 2 ** 44) >>> 0
}

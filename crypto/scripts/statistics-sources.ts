import { defaultChaosEngine } from '../src/chaos/default-engine.ts'
import type { ChaosProfile } from '../src/chaos/engine.ts'

/** Where sequences of bytes to be tested come from. */
export interface Source {
  readonly name: string
  /** What exactly is tested, for the report. */
  readonly description: string
  /** Sequence number `index`, the same at every call. */
  readonly sequence: (index: number, lengthBytes: number) => Uint8Array
}

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index)
const MASK_64 = (1n << 64n) - 1n

/** Keystreams: sequence n is the start of chunk n under the key 00 01 … 1f. */
export function keystreamSource(profile: ChaosProfile): Source {
  return {
    name: profile,
    description: `keystream of profile \`${profile}\`, chaos key 00 01 … 1f, sequence n from chunk n`,
    sequence: (index, lengthBytes) => {
      const data = new Uint8Array(lengthBytes)
      defaultChaosEngine().xorKeystream(KEY, profile, index, data)
      return data
    },
  }
}

/**
 * What a source that passes looks like: splitmix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast
 * splittable pseudorandom number generators", OOPSLA 2014), a generator without any secret.
 */
export const controlSource: Source = {
  name: 'control',
  description: 'splitmix64, sequence n from the seed n · 2³²: not secret at all',
  sequence: (index, lengthBytes) => {
    const words = new BigUint64Array(Math.ceil(lengthBytes / 8))
    let state = BigInt(index) << 32n
    for (let i = 0; i < words.length; i++) {
      state = (state + 0x9e3779b97f4a7c15n) & MASK_64
      words[i] = splitMix(state)
    }
    return new Uint8Array(words.buffer, 0, lengthBytes)
  },
}

function splitMix(state: bigint): bigint {
  let z = state
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK_64
  return z ^ (z >> 31n)
}

import { type BlockSeed, BLOCK_BYTES } from './block-seeds.ts'
import type { ChaosProfile } from './engine.ts'
import { KeySequence } from './key-sequence.ts'

/**
 * Fills one block of keystream (the paper's step 5): the first pass's key words, each XORed with
 * the second pass's disturbance word. The two passes of the paper are one XOR, done here at once.
 *
 * @param block - `BLOCK_BYTES` long; written from start to end.
 * @param seed - used up: the maps move its points.
 */
export function fillBlock(block: DataView, profile: ChaosProfile, seed: BlockSeed): void {
  const keys = new KeySequence(seed)
  let { disturbance } = seed
  let offset = 0
  const put = (word: number) => {
    block.setUint32(offset, word ^ disturbance, true)
    disturbance = (disturbance + seed.disturbanceStep) >>> 0
    offset += 4
  }
  while (offset < BLOCK_BYTES) {
    const { phi1, phi2, phi3, phi4 } = keys.next()
    if (profile === 'wide') {
      put(phi1)
      put(phi2)
      put(phi3)
      put(phi4)
    } else {
      put(
        secondByte(phi1) |
          (secondByte(phi2) << 8) |
          (secondByte(phi3) << 16) |
          (secondByte(phi4) << 24),
      )
    }
  }
}

function secondByte(word: number): number {
  return (word >>> 8) & 255
}

// The fast engine of the hybrid chaotic cipher (docs/chaotic-cipher.md), compiled by AssemblyScript.
// It makes two blocks at once with 128-bit vectors; none of its operations contracts or relaxes
// rounding, so that its bytes are those of src/chaos/javascript-engine.ts.

import { seedBlockPair, startBlocks } from './block-seeds'
import {
  blockBytes,
  blockSeedsAddress,
  blockSeedsBytes,
  flowsAddress,
  flowsBytes,
  seedAddress,
  seedBytes,
  windowAddress,
  windowBytes,
} from './layout'
import { xorPaperPair } from './paper'
import { xorWidePair } from './wide'

export { seedAddress, windowAddress, windowBytes }

/** Starts a chunk; its seed must stand at `seedAddress`. */
export function start(): void {
  startBlocks()
}

/** XORs the chunk's next keystream, profile `wide`, into the first `bytes` of the window. */
export function xorWide(bytes: usize): void {
  for (let offset: usize = 0; offset < bytes; offset += 2 * blockBytes) {
    seedBlockPair()
    xorWidePair(windowAddress + offset)
  }
}

/** XORs the chunk's next keystream, profile `paper`, into the first `bytes` of the window. */
export function xorPaper(bytes: usize): void {
  for (let offset: usize = 0; offset < bytes; offset += 2 * blockBytes) {
    seedBlockPair()
    xorPaperPair(windowAddress + offset)
  }
}

/** Overwrites the seed, both flows, the maps and the window. */
export function wipe(): void {
  memory.fill(seedAddress, 0, seedBytes)
  memory.fill(flowsAddress, 0, flowsBytes)
  memory.fill(blockSeedsAddress, 0, blockSeedsBytes)
  memory.fill(windowAddress, 0, windowBytes)
}

import { fillBlock } from './block-keystream.ts'
import { BlockSeeds, blockBytes } from './block-seeds.ts'
import { checkRequest } from './check-request.ts'
import { deriveChunkSeed } from './chunk-seed.ts'
import type { ChaosEngine } from './engine.ts'

/**
 * The cipher's reference: plain TypeScript that follows `docs/chaotic-cipher.md` line by line. Used
 * where WebAssembly with SIMD is missing, and to hold the fast engine to its word in tests.
 */
export const javascriptEngine: ChaosEngine = {
  name: 'javascript',
  xorKeystream(chaosKey, profile, chunkNumber, data) {
    checkRequest(profile, data)
    const chunkSeed = deriveChunkSeed(chaosKey, chunkNumber)
    const seeds = new BlockSeeds(chunkSeed)
    chunkSeed.fill(0)
    const keystream = new Uint8Array(blockBytes)
    const block = new DataView(keystream.buffer)
    for (let start = 0; start < data.length; start += blockBytes) {
      fillBlock(block, profile, seeds.next())
      xorInto(data.subarray(start, start + blockBytes), keystream)
    }
    seeds.wipe()
    keystream.fill(0)
  },
}

function xorInto(data: Uint8Array, keystream: Uint8Array): void {
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) ^ (keystream[i] ?? 0)
}

import { fillBlock } from './block-keystream.ts'
import { BlockSeeds, BLOCK_BYTES } from './block-seeds.ts'
import { wipe } from '../bytes.ts'
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
    wipe(chunkSeed)
    const keystream = new Uint8Array(BLOCK_BYTES)
    const block = new DataView(keystream.buffer)
    for (let start = 0; start < data.length; start += BLOCK_BYTES) {
      fillBlock(block, profile, seeds.next())
      xorInto(data.subarray(start, start + BLOCK_BYTES), keystream)
    }
    seeds.wipe()
    wipe(keystream)
  },
}

function xorInto(data: Uint8Array, keystream: Uint8Array): void {
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) ^ (keystream[i] ?? 0)
}

import { CIPHER_BLOCK_BYTES } from '../algorithms.ts'

/** Enciphers whole blocks, each for itself: the electronic codebook of a card. */
export type EncipherBlocks = (blocks: Uint8Array) => Promise<Uint8Array>

/** Counter blocks made at once: enough to make the calls' own cost small, little enough to stay in cache. */
const SLICE_BYTES = 1024 * 1024

/**
 * Counter mode (NIST SP 800-38A section 6.5, GB/T 17964) from a card that has only the codebook: enciphers
 * the counters there and combines them with the data here. Encrypts and decrypts.
 *
 * @param firstBlock - 16 bytes; counted up as one big-endian number
 * @returns as many bytes as `data`
 */
export async function counterMode(
  encipher: EncipherBlocks,
  firstBlock: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const result = Uint8Array.from(data)
  const counter = Uint8Array.from(firstBlock)
  for (let start = 0; start < result.length; start += SLICE_BYTES) {
    const slice = result.subarray(start, start + SLICE_BYTES)
    const keystream = await encipher(counterBlocks(counter, slice.length))
    for (let at = 0; at < slice.length; at++) slice[at] = (slice[at] ?? 0) ^ (keystream[at] ?? 0)
    keystream.fill(0)
  }
  return result
}

/** Counter blocks for so many bytes; `counter` stands at the next one afterwards. */
function counterBlocks(counter: Uint8Array, lengthBytes: number): Uint8Array {
  const count = Math.ceil(lengthBytes / CIPHER_BLOCK_BYTES)
  const blocks = new Uint8Array(count * CIPHER_BLOCK_BYTES)
  for (let block = 0; block < count; block++) {
    blocks.set(counter, block * CIPHER_BLOCK_BYTES)
    countUp(counter)
  }
  return blocks
}

function countUp(counter: Uint8Array): void {
  for (let at = counter.length - 1; at >= 0; at--) {
    counter[at] = ((counter[at] ?? 0) + 1) & 0xff
    if (counter[at] !== 0) return
  }
}

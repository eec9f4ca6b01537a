import { createSha256 } from '../hash.ts'
import { encodeUtf8, u32be } from '../bytes.ts'

/**
 * Bytes that anyone can make again: byte i is `(i · 31 + ⌊i / 251⌋) mod 256`, so that neither 4 KiB
 * leaves nor 64 KiB blocks repeat.
 */
export function patternBytes(lengthBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthBytes)
  for (let index = 0; index < lengthBytes; index++) {
    bytes[index] = (index * 31 + Math.floor(index / 251)) & 0xff
  }
  return bytes
}

/** Fixed bytes for a name: the SHA-256 of the name and a counter, cut to length. */
export function namedBytes(name: string, lengthBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthBytes)
  for (let block = 0; block * 32 < lengthBytes; block++) {
    const hasher = createSha256()
    hasher.update(encodeUtf8(name))
    hasher.update(u32be(block))
    bytes.set(hasher.digest().subarray(0, lengthBytes - block * 32), block * 32)
  }
  return bytes
}

import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

import type { Sha256 } from './sha256.ts'

/** SHA-256 of a message, in JavaScript. */
export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return nobleSha256(message)
}

/** SHA-256 of a message, written into `target` at `offset`. */
export function sha256Into(message: Uint8Array, target: Uint8Array, offset: number): void {
  target.set(nobleSha256(message), offset)
}

/** SHA-256 of a message that arrives in pieces. */
export function createSha256(): Sha256 {
  const state = nobleSha256.create()
  return {
    update(piece) {
      state.update(piece)
    },
    digest() {
      return state.digest()
    },
  }
}

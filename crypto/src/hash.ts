import { keccak_256 } from '@noble/hashes/sha3.js'

import * as platform from '#sha256'

import { assertBytes } from './bytes.ts'
import type { Sha256 } from './platform/sha256.ts'

export type { Sha256 } from './platform/sha256.ts'

/** Length of every digest of this module. */
export const HASH_BYTES = 32

/** SHA-256 (FIPS 180-4) of a message held in memory: 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('message', message)
  return platform.sha256(message)
}

/** SHA-256 (FIPS 180-4) of a message that arrives in pieces. */
export function createSha256(): Sha256 {
  return platform.createSha256()
}

/** Keccak-256 as Ethereum uses it (the padding before FIPS 202): 32 bytes. */
export function keccak256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('message', message)
  return keccak_256(message)
}

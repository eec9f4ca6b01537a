import * as z from 'zod'
import { concat, encodeUtf8, equalConstantTime } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'
import { recoverAddress, signDigest } from '@orlop/crypto/sign'
import { bytesSchema, MAX_VERSIONS, nameSchema } from './records.ts'

export const releaseRequestSchema = z.strictObject({
  appId: nameSchema,
  keyId: nameSchema,
  requesterId: nameSchema,
  /** What the key is wanted for: `seal` gets the newest version only. */
  purpose: z.enum(['seal', 'open']),
  /** Which version; null for the newest. */
  version: z.int().min(1).max(MAX_VERSIONS).nullable(),
  /** Random; the centre takes each once. */
  requestId: bytesSchema(16),
  /** By the requester's clock, ms since epoch. */
  timeMs: z.int().min(0),
})

/** Asks the centre for a key. */
export type ReleaseRequest = z.infer<typeof releaseRequestSchema>

export interface SignedReleaseRequest {
  readonly request: ReleaseRequest
  /** 64 bytes, EIP-2098, by the requester's ledger key. */
  readonly signature: Uint8Array
}

/** What a requester signs, and what the answer is bound to: 32 bytes. @param centreId - 16 bytes. */
export function releaseDigest(centreId: Uint8Array, request: ReleaseRequest): Uint8Array {
  return sha256(concat(encodeUtf8('orlop/kmc/1/request'), centreId, encodeCbor(request)))
}

/** Signs a request for one centre. */
export function signReleaseRequest(
  centreId: Uint8Array,
  request: ReleaseRequest,
  secretKey: Uint8Array,
): SignedReleaseRequest {
  return { request, signature: signDigest(releaseDigest(centreId, request), secretKey) }
}

/** Whether `signer` (an address of 20 bytes) signed the digest. */
export function isSignedBy(signer: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return equalConstantTime(recoverAddress(digest, signature), signer)
  } catch (error) {
    if (error instanceof CryptoError || error instanceof RangeError) return false
    throw error
  }
}

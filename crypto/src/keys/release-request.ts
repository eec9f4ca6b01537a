import { concat, encodeUtf8 } from '../bytes.ts'
import { encodeCbor } from '../format/cbor.ts'
import { sha256 } from '../hash.ts'
import { signDigest } from '../sign.ts'

/** Asks a key management centre for a key of an application. */
export interface ReleaseRequest {
  readonly appId: string
  readonly keyId: string
  /** By this name the application's policy knows who asks. */
  readonly requesterId: string
  /** What the key is wanted for: `seal` gets the newest version only. */
  readonly purpose: 'seal' | 'open'
  /** Which version, from 1; null for the newest. */
  readonly version: number | null
  /** 16 random bytes; the centre takes each once. */
  readonly requestId: Uint8Array
  /** By the requester's clock, ms since epoch. */
  readonly timeMs: number
}

export interface SignedReleaseRequest {
  readonly request: ReleaseRequest
  /** 64 bytes, EIP-2098, by the requester's ledger key. */
  readonly signature: Uint8Array
}

/** What a requester signs, and what the answer is bound to: 32 bytes. @param centreId - 16 bytes. */
export function releaseDigest(centreId: Uint8Array, request: ReleaseRequest): Uint8Array {
  const content = encodeCbor({ ...request })
  return sha256(concat(encodeUtf8('orlop/kmc/1/request'), centreId, content))
}

/** Signs a request for one centre. */
export function signReleaseRequest(
  centreId: Uint8Array,
  request: ReleaseRequest,
  secretKey: Uint8Array,
): SignedReleaseRequest {
  return { request, signature: signDigest(releaseDigest(centreId, request), secretKey) }
}

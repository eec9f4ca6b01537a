import * as z from 'zod'
import { hexBytes } from './hex-bytes.ts'

/** Where a key management centre gives out keys. */
export const RELEASE_PATH = '/v1/release'
/** Where it says who it is. */
export const STATUS_PATH = '/v1/status'

/** Most versions of one key. */
export const MAX_KEY_VERSIONS = 64
/** Names of applications, keys and requesters. */
export const centreName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected 1 to 63 lower-case letters, digits or hyphens')

/** What a key is for: a cipher suite of the object format. All take keys of 32 bytes. */
export const keyAlgorithm = z.enum(['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3'])

/** A signed request for a key, as JSON. */
export const releaseRequestJson = z.strictObject({
  request: z.strictObject({
    appId: centreName,
    keyId: centreName,
    requesterId: centreName,
    /** What the key is wanted for: `seal` gets the newest version only. */
    purpose: z.enum(['seal', 'open']),
    /** Which version; null for the newest. */
    version: z.int().min(1).max(MAX_KEY_VERSIONS).nullable(),
    /** Random; the centre takes each once. */
    requestId: hexBytes(16),
    /** By the requester's clock, ms since epoch. */
    timeMs: z.int().min(0),
  }),
  /** EIP-2098, by the requester's ledger key. */
  signature: hexBytes(64),
})

/** A key on its way to one requester, as JSON. */
export const releaseJson = z
  .object({
    algorithm: keyAlgorithm,
    /** From 1. */
    version: z.int().min(1).max(MAX_KEY_VERSIONS),
    /** The newest version: the only one to seal with. */
    isNewest: z.boolean(),
    /** Null for a key wrapped to a card's SM2 key. */
    ephemeralKey: hexBytes(32).nullable(),
    /** The key, wrapped to the requester's X25519 opening key, or to an SM2 key. */
    wrapped: hexBytes(48, 129),
    /** Shows whether the right key was unwrapped. */
    check: hexBytes(16),
    /** EIP-2098, by the centre. */
    signature: hexBytes(64),
  })
  .refine(
    ({ ephemeralKey, wrapped }) => wrapped.length === (ephemeralKey === null ? 129 : 48),
    'expected an ephemeral key with 48 bytes, or none with 129',
  )

import * as z from 'zod'
import { concat, encodeUtf8 } from '@orlop/crypto/bytes'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'

const DOMAIN = encodeUtf8('orlop/kmc/1/audit')
/** Most bytes of an entry: of one that tells of a policy whose every requester is another. */
export const MAX_ENTRY_BYTES = 32 * 1024

const schema = z.strictObject({
  number: z.int().min(1),
  timeMs: z.int().min(0),
  actor: z.string().max(128),
  act: z.string().max(64),
  details: z.record(z.string().max(64), z.union([z.string().max(1024), z.int(), z.boolean()])),
  previous: z.instanceof(Uint8Array).refine(({ length }) => length === 32),
})

/** One act of the centre. Entries are kept in the clear, so that anybody can check them; they hold no keys. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly number: number
  /** By the centre's clock, ms since epoch. */
  readonly timeMs: number
  /** Who asked for it: an administrator's name, or `appId/requesterId`. */
  readonly actor: string
  /** What was done, such as `key.release`. */
  readonly act: string
  readonly details: Readonly<Record<string, string | number | boolean>>
  /** Hash of the entry before; 32 zero bytes in the first. */
  readonly previous: Uint8Array
}

/** The end of a log: anchor it, and nobody can change what came before. */
export interface AuditHead {
  /** Entries up to here. */
  readonly count: number
  /** Hash of the last of them, 32 bytes; zeros when there is none. */
  readonly hash: Uint8Array
}

export const EMPTY_AUDIT: AuditHead = { count: 0, hash: new Uint8Array(32) }

/** @throws ZodError when a field is longer than an entry takes. */
export function encodeAuditEntry(entry: AuditEntry): Uint8Array {
  return encodeCbor(schema.parse(entry))
}

/** @throws CryptoError or ZodError when the bytes are no entry. */
export function decodeAuditEntry(bytes: Uint8Array): AuditEntry {
  return schema.parse(decodeCbor(bytes, { maxBytes: MAX_ENTRY_BYTES }))
}

/** SHA-256 over the domain and the entry's bytes. */
export function hashAuditEntry(bytes: Uint8Array): Uint8Array {
  return sha256(concat(DOMAIN, bytes))
}

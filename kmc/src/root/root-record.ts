import * as z from 'zod'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import {
  MAX_SHARES,
  SHARE_SET_ID_BYTES,
  type ShareSet,
} from '@orlop/crypto/thresholds/secret-shares'
import { KmcError } from '../kmc-error.ts'
import type { KeyStore } from '../store/key-store.ts'

/** Where the store has the record, in the clear. */
const ROOT_RECORD_KEY = 'root'
const MAX_RECORD_BYTES = 16 * 1024

const bytesOf = (length: number) =>
  z.instanceof(Uint8Array).refine((bytes) => bytes.length === length)

const schema = z.strictObject({
  format: z.literal(1),
  setId: bytesOf(SHARE_SET_ID_BYTES),
  threshold: z.int().min(2).max(MAX_SHARES),
  commitments: z.array(bytesOf(32)).min(2).max(MAX_SHARES),
  verifier: bytesOf(32),
  signer: bytesOf(20),
})

/** What is public of a centre's root key. Who has only this learns nothing of the key. */
export interface RootRecord {
  /** The custodians' shares; the set's name is also the centre's. */
  readonly set: ShareSet
  /** 32 bytes. */
  readonly verifier: Uint8Array
  /** The address (20 bytes) that the centre signs as. */
  readonly signer: Uint8Array
}

export function encodeRootRecord({ set, verifier, signer }: RootRecord): Uint8Array {
  return encodeCbor({ format: 1, ...set, verifier, signer })
}

/** @throws KmcError `STORE_FAILED` when the bytes are no such record. */
export function decodeRootRecord(bytes: Uint8Array): RootRecord {
  try {
    const { setId, threshold, commitments, verifier, signer } = schema.parse(
      decodeCbor(bytes, { maxBytes: MAX_RECORD_BYTES }),
    )
    return { set: { setId, threshold, commitments }, verifier, signer }
  } catch (cause) {
    throw new KmcError(
      'STORE_FAILED',
      'The record of the root key is damaged. Copy it from a replica or a backup; the shares stay good.',
      { cause },
    )
  }
}

/** Keeps the record of a new centre. @throws KmcError `ROOT_EXISTS` when the store has one: it is never replaced. */
export async function storeRootRecord(store: KeyStore, record: RootRecord): Promise<void> {
  const key = ROOT_RECORD_KEY
  const revision = await store.transact({
    conditions: [{ key, revision: 0 }],
    changes: [{ type: 'put', key, value: encodeRootRecord(record) }],
  })
  if (revision !== null) return
  throw new KmcError(
    'ROOT_EXISTS',
    'This store belongs to a centre that has its root key. Use its shares, or an empty store for a new centre.',
  )
}

/** The record of the store's centre, or null when there is none yet. */
export async function loadRootRecord(store: KeyStore): Promise<RootRecord | null> {
  const row = await store.get(ROOT_RECORD_KEY)
  return row === null ? null : decodeRootRecord(row.value)
}

import * as z from 'zod'
import { wipe } from '@orlop/crypto/bytes'
import { isOpeningKey } from '@orlop/crypto/keys/key-release'
import { decodeCbor, encodeCbor, type CborValue } from '@orlop/crypto/format/cbor'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { centreName, keyAlgorithm, MAX_KEY_VERSIONS } from '@orlop/protocol/centre/release'
import { KEY_LIFE, type KeyState } from './key-states.ts'

/** Most of what a policy may allow. */
export const POLICY_LIMITS = {
  requesters: 64,
  keys: 10_000,
  releasesPerHour: 4096,
  operationsPerMinute: 1_000_000,
} as const
const MAX_RECORD_BYTES = 256 * 1024

/** Most versions of one key. */
export const MAX_VERSIONS = MAX_KEY_VERSIONS
/** Names of applications, keys and requesters. */
export const nameSchema = centreName
export const bytesSchema = (length: number) =>
  z
    .instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array)
    .refine((bytes) => bytes.length === length, `expected ${length} bytes`)
/** Algorithms whose keys work inside the centre only (`platform`): nobody gets them. */
export const INNER_ALGORITHMS = [
  'sm4-gcm',
  'hmac-sha256',
  'hmac-sm3',
  'ecdsa-p256-sha256',
  'ed25519',
  'sm2-sm3',
  'sm2-encrypt',
  'rsa-3072-oaep',
] as const
export const algorithmSchema = z.enum([...keyAlgorithm.options, ...INNER_ALGORITHMS])

/** What a key is for: a cipher suite of the object format, or something that it does inside the centre only. */
export type Algorithm = z.infer<typeof algorithmSchema>
/** A cipher suite of the object format: its keys are released. All take 32 bytes. */
export type ReleasedAlgorithm = z.infer<typeof keyAlgorithm>

/** What a policy is told whose requesters share a name: who of them is meant nobody could tell, and the log neither. */
export const TWICE = 'expected each requester once'

/** Whether each requester has a name of its own. */
export function haveNamesOfTheirOwn(
  requesters: readonly { readonly requesterId: string }[],
): boolean {
  return new Set(requesters.map(({ requesterId }) => requesterId)).size === requesters.length
}

/** What a policy is told that names a key to which nothing can be wrapped. */
export const NO_OPENING_KEY =
  'expected an X25519 key (32 bytes) or a point of the SM2 curve (65 bytes)'

export const policySchema = z.strictObject({
  /** Who may obtain the application's keys. */
  requesters: z
    .array(
      z.strictObject({
        requesterId: nameSchema,
        /** Address (20 bytes) of the ledger key that signs its requests. */
        signer: bytesSchema(20),
        /** X25519 or SM2: all that keys are ever wrapped to. */
        openingKey: z
          .instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array)
          .refine(isOpeningKey, NO_OPENING_KEY),
      }),
    )
    .max(POLICY_LIMITS.requesters)
    .refine(haveNamesOfTheirOwn, TWICE),
  algorithms: z.array(algorithmSchema),
  maxKeys: z.int().min(0).max(POLICY_LIMITS.keys),
  maxReleasesPerHour: z.int().min(0).max(POLICY_LIMITS.releasesPerHour),
  /** Operations inside the centre; 600 when left out. */
  maxOperationsPerMinute: z.int().min(0).max(POLICY_LIMITS.operationsPerMinute).exactOptional(),
})

const applicationSchema = z.strictObject({
  appId: nameSchema,
  state: z.enum(['active', 'revoked']),
  policy: policySchema,
  keyCount: z.int().min(0),
  createdAtMs: z.int(),
})

const keySchema = z.strictObject({
  appId: nameSchema,
  keyId: nameSchema,
  algorithm: algorithmSchema,
  state: z.enum(Object.keys(KEY_LIFE) as [KeyState, ...KeyState[]]),
  /** When each version was made, ms since epoch; version 1 first. */
  versions: z.array(z.int()).min(1).max(MAX_VERSIONS),
})

/** Who may obtain an application's keys, which, and how many. */
export type Policy = z.infer<typeof policySchema>
export type Requester = Policy['requesters'][number]
export type Application = z.infer<typeof applicationSchema>
export type Key = z.infer<typeof keySchema>

export const applicationPlace = (appId: string) => `app/${appId}`
export const keyPlace = (appId: string, keyId: string) => `key/${appId}/${keyId}`
export const materialPlace = (appId: string, keyId: string, version: number) =>
  `material/${appId}/${keyId}/${String(version).padStart(2, '0')}`

export function decodeRecord<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  return schema.parse(decodeCbor(bytes, { maxBytes: MAX_RECORD_BYTES }))
}

/** As {@link decodeRecord}, of a record that holds a secret: the row's own bytes are wiped. */
export function decodeSecretRecord<T>(schema: z.ZodType<T>, row: Uint8Array): T {
  try {
    return decodeRecord(schema, row)
  } finally {
    wipe(row)
  }
}

export const decodeApplication = (bytes: Uint8Array) => decodeRecord(applicationSchema, bytes)
export const decodeKey = (bytes: Uint8Array) => decodeRecord(keySchema, bytes)

/** Reads rows: the centre's, or a draft of changes to them. */
export interface RowReader {
  get(place: string): Promise<Uint8Array | null>
}

export function putRecord(draft: RowDraft, place: string, record: CborValue): void {
  const bytes = encodeCbor(record)
  draft.put(place, bytes)
  // The draft has its own; some records hold private keys.
  wipe(bytes)
}

/** @throws KmcError `NOT_FOUND` */
export async function getApplication(rows: RowReader, appId: string): Promise<Application> {
  const bytes = await rows.get(applicationPlace(checkName('appId', appId)))
  if (bytes !== null) return decodeApplication(bytes)
  throw new KmcError('NOT_FOUND', `There is no application '${appId}'. Create it first.`, {
    details: { appId },
  })
}

/** @throws KmcError `NOT_FOUND` */
export async function getKey(rows: RowReader, appId: string, keyId: string): Promise<Key> {
  const bytes = await rows.get(keyPlace(checkName('appId', appId), checkName('keyId', keyId)))
  if (bytes !== null) return decodeKey(bytes)
  throw new KmcError('NOT_FOUND', `The application '${appId}' has no key '${keyId}'.`, {
    details: { appId, keyId },
  })
}

/** @throws RangeError when it is no name. */
export function checkName(label: string, name: string): string {
  if (nameSchema.safeParse(name).success) return name
  throw new RangeError(`${label}: expected 1 to 63 lower-case letters, digits or hyphens`)
}

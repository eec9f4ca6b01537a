import { assertBytes } from '../bytes.ts'
import { LimitError, MalformedError, UnsupportedVersionError } from '../errors.ts'
import { sha256 } from '../hash.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { CborValue } from './cbor.ts'
import { FieldReader } from './fields.ts'

/** Version of the format that this release writes, and the only one it reads. */
const FORMAT_VERSION = 1
/** Number of each cipher suite in a header. */
const SUITE_CODES = {
  'aes-256-gcm': 1,
  'xchacha20-poly1305': 2,
  'sm4-ctr-hmac-sm3': 3,
  'sm4-gcm': 4,
} as const
/** Number of each profile of the chaotic layer in a header. */
export const CHAOS_PROFILE_CODES = { none: 0, wide: 1, paper: 2 } as const

/** Name of a cipher suite. */
export type SuiteName = keyof typeof SUITE_CODES
/** Profile of the chaotic layer; `none` exactly at level 1. */
export type HeaderChaosProfile = keyof typeof CHAOS_PROFILE_CODES

/** Longest encoded header, in bytes. */
export const MAX_HEADER_BYTES = 256
/** Plaintext bytes in a chunk unless a policy says otherwise; also the most. */
export const DEFAULT_CHUNK_BYTES = 4 * 1024 * 1024
/** Fewest plaintext bytes in a chunk that is not the last. */
export const MIN_CHUNK_BYTES = 1024
/** Bytes of a share of one stripe unless a policy says otherwise. */
export const DEFAULT_STRIPE_SHARE_BYTES = 64 * 1024
/** Most strips of one object that a header can name; a network may take fewer. */
const FORMAT_MAX_STRIPS = 64

const HASH_BYTES = 32
const EXACTLY_32 = { min: HASH_BYTES, max: HASH_BYTES }
const FIELD_COUNT = 11
const BOUNDS = {
  chunkBytes: { min: MIN_CHUNK_BYTES, max: DEFAULT_CHUNK_BYTES },
  k: { min: 1, max: FORMAT_MAX_STRIPS },
  m: { min: 0, max: FORMAT_MAX_STRIPS - 1 },
  stripeShareBytes: { min: 4096, max: 1024 * 1024 },
} as const

/** The fixed parameters of an object, without the commitment to its data key. */
export interface HeaderParameters {
  /** 32 random bytes that name the object. */
  readonly objectId: Uint8Array
  readonly suite: SuiteName
  /** 1 authenticated cipher; 2 with the chaotic layer over it; 3 and the data key in custody. */
  readonly level: 1 | 2 | 3
  readonly chaosProfile: HeaderChaosProfile
  /** Plaintext bytes of every chunk but the last: 1 KiB to 4 MiB. */
  readonly chunkBytes: number
  /** Data strips; 1 means plain copies. */
  readonly k: number
  /** Parity strips, or further copies; k + m ≤ 64. */
  readonly m: number
  /** Bytes of one strip's share of a stripe: 4 KiB to 1 MiB. */
  readonly stripeShareBytes: number
  /** 32 random bytes for key derivation. */
  readonly salt: Uint8Array
}

/** The fixed parameters of an object (formats.md 2). Public: it holds no key. */
export interface Header extends HeaderParameters {
  /** 32 bytes that only the object's data key leads to. */
  readonly commitment: Uint8Array
}

/**
 * Encodes a header as canonical CBOR.
 *
 * @throws TypeError, RangeError, MalformedError, LimitError when a field is not as documented
 */
export function encodeHeader(header: Header): Uint8Array<ArrayBuffer> {
  assertBytes('commitment', header.commitment, HASH_BYTES)
  return encodeCbor([...parameterFields(header), header.commitment])
}

/**
 * SHA-256 of the header without its commitment: what the commitment is derived over.
 *
 * @throws as {@link encodeHeader}
 */
export function hashHeaderParameters(parameters: HeaderParameters): Uint8Array<ArrayBuffer> {
  return sha256(encodeCbor(parameterFields(parameters)))
}

/**
 * Decodes a header and checks every bound.
 *
 * @throws MalformedError when it is no canonical header
 * @throws LimitError when a field is out of bounds
 * @throws UnsupportedVersionError when version, suite, level or profile are unknown
 */
export function decodeHeader(bytes: Uint8Array): Header {
  const value = decodeCbor(bytes, { maxBytes: MAX_HEADER_BYTES, maxDepth: 1 })
  assertVersion(value)
  const fields = new FieldReader('header', value, FIELD_COUNT)
  fields.value()
  const objectId = fields.bytes('objectId', EXACTLY_32)
  const suite = nameOf('suite', SUITE_CODES, fields.value())
  const level = readLevel(fields.value())
  const chaosProfile = nameOf('chaos profile', CHAOS_PROFILE_CODES, fields.value())
  const header: Header = {
    objectId,
    suite,
    level,
    chaosProfile,
    chunkBytes: fields.integer('chunkBytes', BOUNDS.chunkBytes),
    k: fields.integer('k', BOUNDS.k),
    m: fields.integer('m', BOUNDS.m),
    stripeShareBytes: fields.integer('stripeShareBytes', BOUNDS.stripeShareBytes),
    salt: fields.bytes('salt', EXACTLY_32),
    commitment: fields.bytes('commitment', EXACTLY_32),
  }
  assertConsistent(header)
  return header
}

/** `headerHash` of formats.md 2: SHA-256 of the encoded header. */
export function hashHeader(headerBytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(headerBytes)
}

function parameterFields(header: HeaderParameters): readonly CborValue[] {
  assertBytes('objectId', header.objectId, HASH_BYTES)
  assertBytes('salt', header.salt, HASH_BYTES)
  const fields = [
    FORMAT_VERSION,
    header.objectId,
    SUITE_CODES[header.suite],
    header.level,
    CHAOS_PROFILE_CODES[header.chaosProfile],
    header.chunkBytes,
    header.k,
    header.m,
    header.stripeShareBytes,
    header.salt,
  ] as const
  for (const name of ['chunkBytes', 'k', 'm', 'stripeShareBytes'] as const) {
    const { min, max } = BOUNDS[name]
    const value = header[name]
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw new RangeError(
        `${name}: expected ${String(min)} to ${String(max)}, got ${String(value)}`,
      )
    }
  }
  nameOf('suite', SUITE_CODES, fields[2])
  readLevel(header.level)
  assertConsistent(header)
  return fields
}

function assertConsistent(header: HeaderParameters): void {
  if ((header.level === 1) !== (header.chaosProfile === 'none')) {
    throw new MalformedError(
      `header: level ${String(header.level)} does not go with chaos profile ${header.chaosProfile}`,
    )
  }
  if (header.k + header.m > FORMAT_MAX_STRIPS) {
    throw new LimitError(
      `header: ${String(header.k + header.m)} strips, allowed are ${String(FORMAT_MAX_STRIPS)}`,
    )
  }
}

function assertVersion(value: CborValue): void {
  const version = Array.isArray(value) ? (value as readonly CborValue[])[0] : undefined
  if (typeof version !== 'number') throw new MalformedError('header does not begin with a version')
  if (version !== FORMAT_VERSION) {
    throw new UnsupportedVersionError(
      `header has format version ${String(version)}, this release reads 1; use a newer release`,
    )
  }
}

function readLevel(value: unknown): 1 | 2 | 3 {
  if (value === 1 || value === 2 || value === 3) return value
  throw new UnsupportedVersionError(
    `header has level ${String(value)}, this release reads levels 1 to 3; use a newer release`,
  )
}

function nameOf<Name extends string>(
  label: string,
  codes: Readonly<Record<Name, number>>,
  code: unknown,
): Name {
  for (const name of Object.keys(codes) as Name[]) if (codes[name] === code) return name
  throw new UnsupportedVersionError(
    `header has unknown ${label} ${String(code)}; use a newer release`,
  )
}

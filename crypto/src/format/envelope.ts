import { assertBytes, assertInteger } from '../bytes.ts'
import { sha256 } from '../hash.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { CborValue } from './cbor.ts'
import { FieldReader } from './fields.ts'
import { decodeHeader, MAX_HEADER_BYTES } from './header.ts'
import { decodeStanza, encodeStanza, MAX_STANZAS } from './stanza.ts'
import type { Stanza } from './stanza.ts'

export type { Stanza } from './stanza.ts'

/** Longest sealed manifest, in bytes. */
export const MAX_SEALED_MANIFEST_BYTES = 16 * 1024 * 1024
/** Longest encoded envelope that is read, in bytes: the manifest, every stanza at its longest, the rest. A network may take less. */
const FORMAT_MAX_ENVELOPE_BYTES = MAX_SEALED_MANIFEST_BYTES + 1024 * 1024

const HASH_BYTES = 32
const SIGNATURE_BYTES = 64
const EXACTLY_32 = { min: HASH_BYTES, max: HASH_BYTES }
const EXACTLY_64 = { min: SIGNATURE_BYTES, max: SIGNATURE_BYTES }
const FIELD_COUNT = 7

/** An envelope before its client has signed it. */
export interface UnsignedEnvelope {
  /** The encoded header: canonical CBOR as `format/header` makes it. */
  readonly headerBytes: Uint8Array
  /** 1 for the first envelope of an object, then one more at every write. */
  readonly version: number
  /** Hash of the envelope this one replaces; 32 zero bytes in version 1. */
  readonly previousHash: Uint8Array
  /** The wrapped data key, once for each recipient; at most 64. */
  readonly stanzas: readonly Stanza[]
  /** 32 fresh random bytes at every write. */
  readonly manifestSalt: Uint8Array
  /** The manifest, sealed under a key derived with `manifestSalt`; at most 16 MiB. */
  readonly sealedManifest: Uint8Array
}

/** The small signed record beside every strip (formats.md 6). Public: it holds no open key. */
export interface Envelope extends UnsignedEnvelope {
  /** 64 bytes, EIP-2098, by the client's ledger key over the EIP-712 EnvelopeUpdate. */
  readonly signature: Uint8Array
}

/**
 * `envelopeHash`: SHA-256 of the canonical CBOR of the envelope without its signature.
 *
 * @throws TypeError, RangeError, MalformedError when a field is not as documented
 */
export function hashEnvelope(envelope: UnsignedEnvelope): Uint8Array<ArrayBuffer> {
  return sha256(encodeCbor(unsignedFields(envelope)))
}

/**
 * Encodes an envelope as canonical CBOR.
 *
 * @throws as {@link hashEnvelope}
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array<ArrayBuffer> {
  assertBytes('signature', envelope.signature, SIGNATURE_BYTES)
  return encodeCbor([...unsignedFields(envelope), envelope.signature])
}

/**
 * Decodes an envelope and checks every bound, its header included. The signature is not verified:
 * that takes the client's address and the deployment's EIP-712 domain.
 *
 * @throws MalformedError when it is no canonical envelope
 * @throws LimitError when a field is out of bounds
 * @throws UnsupportedVersionError when its header is of an unknown version
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const value = decodeCbor(bytes, { maxBytes: FORMAT_MAX_ENVELOPE_BYTES, maxDepth: 4 })
  const fields = new FieldReader('envelope', value, FIELD_COUNT)
  const headerBytes = fields.bytes('header', { min: 1, max: MAX_HEADER_BYTES })
  decodeHeader(headerBytes)
  return {
    headerBytes,
    version: fields.integer('version', { min: 1, max: Number.MAX_SAFE_INTEGER }),
    previousHash: fields.bytes('previousHash', EXACTLY_32),
    stanzas: fields.list('stanzas', MAX_STANZAS).map(decodeStanza),
    manifestSalt: fields.bytes('manifestSalt', EXACTLY_32),
    sealedManifest: fields.bytes('sealedManifest', { min: 1, max: MAX_SEALED_MANIFEST_BYTES }),
    signature: fields.bytes('signature', EXACTLY_64),
  }
}

function unsignedFields(envelope: UnsignedEnvelope): readonly CborValue[] {
  assertBytes('headerBytes', envelope.headerBytes)
  decodeHeader(envelope.headerBytes)
  assertInteger('version', envelope.version, { min: 1, max: Number.MAX_SAFE_INTEGER })
  assertBytes('previousHash', envelope.previousHash, HASH_BYTES)
  assertInteger('stanzas', envelope.stanzas.length, { min: 0, max: MAX_STANZAS })
  assertBytes('manifestSalt', envelope.manifestSalt, HASH_BYTES)
  assertBytes('sealedManifest', envelope.sealedManifest)
  const manifestBytes = envelope.sealedManifest.length
  assertInteger('sealedManifest', manifestBytes, { min: 1, max: MAX_SEALED_MANIFEST_BYTES })
  return [
    envelope.headerBytes,
    envelope.version,
    envelope.previousHash,
    envelope.stanzas.map(encodeStanza),
    envelope.manifestSalt,
    envelope.sealedManifest,
  ]
}

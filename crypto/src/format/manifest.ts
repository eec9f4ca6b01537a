import { assertBytes } from '../bytes.ts'
import { LimitError, MalformedError, UnsupportedVersionError } from '../errors.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { CborValue } from './cbor.ts'
import { ChunkTable } from './chunk-table.ts'
import { MAX_SEALED_MANIFEST_BYTES } from './envelope.ts'
import { FieldReader } from './fields.ts'
import { DEFAULT_CHUNK_BYTES, MIN_CHUNK_BYTES } from './header.ts'

/** Version of the manifest that this release writes, and the only one it reads. */
const MANIFEST_VERSION = 1
/** Longest encoded manifest: with the longest tag it still fits an envelope. */
const MAX_MANIFEST_BYTES = MAX_SEALED_MANIFEST_BYTES - 64

const FIELD_COUNT = 14
const HASH_BYTES = 32
const LIMITS = {
  name: 4096,
  mediaType: 255,
  codec: 64,
  cipherPath: 255,
  labels: 64,
  labelKey: 128,
  labelValue: 1024,
  chunks: 4 * 1024 * 1024,
} as const
const CODE = { min: 0, max: 0xffff }
const SAFE = { min: 0, max: Number.MAX_SAFE_INTEGER }
const IMPORTANCE = { min: 1, max: 3 }
const LEVEL = { min: 1, max: 3 }
const CHUNK = { min: MIN_CHUNK_BYTES, max: DEFAULT_CHUNK_BYTES }

/** What only those who hold the data key may know about an object. */
export interface Manifest {
  /** Name or path as the client gave it, any Unicode; at most 4096 UTF-16 units. */
  readonly name: string
  readonly plainBytes: number
  /** SHA-256 of the whole plaintext, 32 bytes. */
  readonly plainSha256: Uint8Array
  /** RFC 6838 media type; empty when unknown. */
  readonly mediaType: string
  readonly classCode: number
  /** 1 critical, 2 important, 3 routine. */
  readonly importance: number
  /** As in the header. */
  readonly level: number
  /** Summary for people, as `zstd-3` or `stored`; each chunk says its own codec. */
  readonly codec: string
  /** The client's own labels: at most 64, keys to 128 and values to 1024 UTF-16 units. */
  readonly labels: Readonly<Record<string, string>>
  /** When the plaintext was made or last changed: ms since 1970, UTC. */
  readonly createdMs: number
  /** As in the header. */
  readonly chunkBytes: number
  /** Sealed length of every chunk, in order. */
  readonly sealedChunkBytes: readonly number[]
  /** For people: the transformations in their order, as `zstd > aes-256-gcm > chaos/wide`. */
  readonly cipherPath: string
}

/**
 * Encodes a manifest as canonical CBOR.
 *
 * @throws TypeError, LimitError or MalformedError when a field is not as documented
 */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  assertBytes('plainSha256', manifest.plainSha256, HASH_BYTES)
  const bytes = encodeCbor([
    MANIFEST_VERSION,
    manifest.name,
    manifest.plainBytes,
    manifest.plainSha256,
    manifest.mediaType,
    manifest.classCode,
    manifest.importance,
    manifest.level,
    manifest.codec,
    { ...manifest.labels },
    manifest.createdMs,
    manifest.chunkBytes,
    manifest.sealedChunkBytes,
    manifest.cipherPath,
  ])
  // One set of rules: what could not be read again is not written.
  decodeManifest(bytes)
  return bytes
}

/**
 * Decodes a manifest and checks every bound and its chunk table.
 *
 * @throws MalformedError when it is no canonical manifest or its chunk table does not add up
 * @throws LimitError when a field is out of bounds
 * @throws UnsupportedVersionError when it is of another version
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const value = decodeCbor(bytes, { maxBytes: MAX_MANIFEST_BYTES, maxDepth: 2 })
  assertVersion(value)
  const fields = new FieldReader('manifest', value, FIELD_COUNT)
  fields.value()
  const manifest: Manifest = {
    name: fields.text('name', LIMITS.name),
    plainBytes: fields.integer('plainBytes', SAFE),
    plainSha256: fields.bytes('plainSha256', { min: HASH_BYTES, max: HASH_BYTES }),
    mediaType: fields.text('mediaType', LIMITS.mediaType),
    classCode: fields.integer('classCode', CODE),
    importance: fields.integer('importance', IMPORTANCE),
    level: fields.integer('level', LEVEL),
    codec: fields.text('codec', LIMITS.codec),
    labels: readLabels(fields.value()),
    createdMs: fields.integer('createdMs', SAFE),
    chunkBytes: fields.integer('chunkBytes', CHUNK),
    sealedChunkBytes: fields.list('sealedChunkBytes', LIMITS.chunks).map(readLength),
    cipherPath: fields.text('cipherPath', LIMITS.cipherPath),
  }
  // Made for its checks: every reader may then rely on the table.
  new ChunkTable(manifest)
  return manifest
}

function assertVersion(value: CborValue): void {
  const version = Array.isArray(value) ? (value as readonly CborValue[])[0] : undefined
  if (typeof version !== 'number') {
    throw new MalformedError('manifest does not begin with a version')
  }
  if (version !== MANIFEST_VERSION) {
    throw new UnsupportedVersionError(
      `manifest has version ${String(version)}, this release reads 1; use a newer release`,
    )
  }
}

function readLength(value: CborValue): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 0xffff_ffff) {
    return value as number
  }
  throw new MalformedError('manifest: a chunk length is not a whole number from 1 to 2³² − 1')
}

function readLabels(value: CborValue): Readonly<Record<string, string>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new MalformedError('manifest: labels are not a map')
  }
  if (value instanceof Uint8Array) throw new MalformedError('manifest: labels are not a map')
  const entries = Object.entries(value)
  if (entries.length > LIMITS.labels) {
    throw new LimitError(`manifest: ${String(entries.length)} labels, allowed are 64`)
  }
  const labels: [string, string][] = []
  for (const [key, label] of entries) {
    if (typeof label !== 'string') throw new MalformedError('manifest: a label is not a text')
    if (key.length > LIMITS.labelKey || label.length > LIMITS.labelValue) {
      throw new LimitError('manifest: a label is longer than 128 for its key or 1024 for its value')
    }
    labels.push([key, label])
  }
  return Object.fromEntries(labels)
}

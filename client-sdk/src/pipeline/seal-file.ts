import { open } from 'node:fs/promises'
import { basename } from 'node:path'

import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import { randomBytes, u32be, wipe } from '@orlop/crypto/bytes'
import { encodeEnvelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import {
  DEFAULT_CHUNK_BYTES,
  DEFAULT_STRIPE_SHARE_BYTES,
  encodeHeader,
  hashHeader,
} from '@orlop/crypto/format/header'
import type { Header, SuiteName } from '@orlop/crypto/format/header'
import type { Manifest } from '@orlop/crypto/format/manifest'
import { commitHeader } from '@orlop/crypto/keys/commitment'
import { wrapForRecipient } from '@orlop/crypto/keys/recipient-stanza'
import { sealManifest } from '@orlop/crypto/sealing/manifest'
import { DATA_CLASSES, IMPORTANCES } from '@orlop/protocol/data-classes'

import type { CompressionChoice } from '../compress/compress-chunk.ts'
import { writeAll } from './file-bytes.ts'
import { openFileSource } from './file-source.ts'
import { sealPipeline } from './seal-pipeline.ts'
import type { SealRequest, SealSummary } from './seal-pipeline.ts'

/** What {@link sealFile} needs. */
export interface SealFileRequest extends Pick<SealRequest, 'signal' | 'onProgress' | 'crews'> {
  readonly inputPath: string
  /** Overwritten. */
  readonly outputPath: string
  /** X25519 opening key of whoever may open it, 32 bytes. */
  readonly recipientPublicKey: Uint8Array
  /** Signs the envelope: 32 bytes in, 64 bytes out. */
  readonly sign: (envelopeHash: Uint8Array) => Uint8Array
  readonly level: 1 | 2
  readonly suite: SuiteName
  readonly compression: CompressionChoice
}

/**
 * Seals a file into one file that holds all that opening it takes: the sealed stream, the envelope, and the envelope's length (u32,
 * big-endian). The same work as storing, without a network.
 *
 * @throws as {@link sealPipeline}; an output that was begun is then worth nothing.
 */
export async function sealFile(request: SealFileRequest): Promise<SealSummary> {
  const dataKey = randomBytes(32)
  const header = composeHeader(request, dataKey)
  const headerBytes = encodeHeader(header)
  const source = await openFileSource(request.inputPath)
  const output = await open(request.outputPath, 'w', 0o600)
  try {
    const sink = { write: (sealed: Uint8Array) => writeAll(output, sealed) }
    const summary = await sealPipeline({ ...request, source, headerBytes, dataKey, sink })
    const envelope = composeEnvelope(request, { dataKey, header, summary })
    await writeAll(output, envelope)
    await writeAll(output, u32be(envelope.length))
    return summary
  } finally {
    wipe(dataKey)
    await output.close()
  }
}

function composeHeader({ level, suite }: SealFileRequest, dataKey: Uint8Array): Header {
  return commitHeader(dataKey, {
    objectId: randomBytes(32),
    suite,
    level,
    chaosProfile: level === 1 ? 'none' : 'wide',
    chunkBytes: DEFAULT_CHUNK_BYTES,
    k: 1,
    m: 0,
    stripeShareBytes: DEFAULT_STRIPE_SHARE_BYTES,
    salt: randomBytes(32),
  })
}

interface EnvelopeParts {
  readonly dataKey: Uint8Array
  readonly header: Header
  readonly summary: SealSummary
}

function composeEnvelope(request: SealFileRequest, parts: EnvelopeParts): Uint8Array {
  const { dataKey, header } = parts
  const headerBytes = encodeHeader(header)
  const headerHash = hashHeader(headerBytes)
  const { recipientPublicKey } = request
  const { objectId } = header
  const manifestSalt = randomBytes(32)
  const keys = { dataKey, headerBytes, manifestSalt, backend: platformBackend }
  const unsigned = {
    headerBytes,
    version: 1,
    previousHash: new Uint8Array(32),
    stanzas: [wrapForRecipient({ dataKey, recipientPublicKey, objectId, headerHash })],
    manifestSalt,
    sealedManifest: sealManifest(keys, composeManifest(request, parts.summary)),
  }
  return encodeEnvelope({ ...unsigned, signature: request.sign(hashEnvelope(unsigned)) })
}

function composeManifest(
  { inputPath, level, suite }: SealFileRequest,
  summary: SealSummary,
): Manifest {
  const { plainBytes, plainSha256, sealedChunkBytes, codec } = summary
  return {
    name: basename(inputPath),
    plainBytes,
    plainSha256,
    mediaType: '',
    classCode: DATA_CLASSES.undisclosed,
    importance: IMPORTANCES.routine,
    level,
    codec,
    labels: {},
    createdMs: 0,
    chunkBytes: DEFAULT_CHUNK_BYTES,
    sealedChunkBytes,
    cipherPath: [codec, suite, ...(level === 1 ? [] : ['chaos/wide'])].join(' > '),
  }
}

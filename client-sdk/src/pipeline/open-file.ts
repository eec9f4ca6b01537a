import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import { freeMemory, wipe } from '@orlop/crypto/bytes'
import { ChunkTable } from '@orlop/crypto/format/chunk-table'
import { decodeEnvelope } from '@orlop/crypto/format/envelope'
import type { Envelope } from '@orlop/crypto/format/envelope'
import { decodeHeader, hashHeader } from '@orlop/crypto/format/header'
import type { Manifest } from '@orlop/crypto/format/manifest'
import { unwrapAsRecipient } from '@orlop/crypto/keys/recipient-stanza'
import { openManifest } from '@orlop/crypto/sealing/manifest'
import { OrlopError } from '@orlop/protocol/errors'
import { MAX_ENVELOPE_BYTES } from '@orlop/protocol/limits'

import { readExactly, writeAll } from './file-bytes.ts'
import { openPipeline } from './open-pipeline.ts'
import type { OpenRequest, PlainRange } from './open-pipeline.ts'
import { toOrlopError } from './work-error.ts'

const TRAILER_BYTES = 4
const READ_BYTES = 1024 * 1024

/** What {@link openFile} needs. */
export interface OpenFileRequest extends Pick<OpenRequest, 'signal' | 'onProgress' | 'crews'> {
  readonly inputPath: string
  /** Overwritten. */
  readonly outputPath: string
  /** The recipient's X25519 secret key, 32 bytes. */
  readonly secretKey: Uint8Array
}

/**
 * Opens what `sealFile` made.
 *
 * @returns its manifest.
 * @throws OrlopError `WRONG_KEY` when the file is not sealed for this key; and as {@link openPipeline}; an output that was begun is
 *   then worth nothing.
 */
export async function openFile(request: OpenFileRequest): Promise<Manifest> {
  const input = await open(request.inputPath, 'r')
  try {
    const envelope = await readEnvelope(input, request.inputPath)
    const dataKey = unwrapKey(envelope, request)
    try {
      return await writePlaintext(input, envelope, { ...request, dataKey })
    } finally {
      wipe(dataKey)
    }
  } catch (error) {
    throw toOrlopError(error)
  } finally {
    await input.close()
  }
}

async function writePlaintext(
  input: FileHandle,
  { headerBytes, manifestSalt, sealedManifest }: Envelope,
  request: OpenFileRequest & { readonly dataKey: Uint8Array },
): Promise<Manifest> {
  const { dataKey } = request
  const keys = { dataKey, headerBytes, manifestSalt, backend: platformBackend }
  const manifest = openManifest(keys, sealedManifest)
  const table = new ChunkTable(manifest)
  const { plainSha256 } = manifest
  const fetch = (range: PlainRange) => readRange(input, range)
  const output = await open(request.outputPath, 'w', 0o600)
  try {
    const plaintext = openPipeline({ ...request, headerBytes, table, plainSha256, fetch })
    for await (const piece of plaintext) {
      await writeAll(output, piece)
      freeMemory(piece)
    }
    return manifest
  } finally {
    await output.close()
  }
}

function unwrapKey(
  { headerBytes, stanzas }: Envelope,
  { secretKey, inputPath }: OpenFileRequest,
): Uint8Array {
  const { objectId } = decodeHeader(headerBytes)
  const headerHash = hashHeader(headerBytes)
  const dataKey = unwrapAsRecipient({ stanzas, secretKey, objectId, headerHash })
  if (dataKey !== null) return dataKey
  throw new OrlopError('WRONG_KEY', `${inputPath} is not sealed for this key. Use another key.`)
}

async function readEnvelope(input: FileHandle, path: string): Promise<Envelope> {
  const { size } = await input.stat()
  const trailer = await readExactly(input, size - TRAILER_BYTES, TRAILER_BYTES)
  const envelopeBytes = trailer === null ? 0 : new DataView(trailer.buffer).getUint32(0)
  const start = size - TRAILER_BYTES - envelopeBytes
  const isPossible = envelopeBytes > 0 && envelopeBytes <= MAX_ENVELOPE_BYTES && start > 0
  const envelope = isPossible ? await readExactly(input, start, envelopeBytes) : null
  if (envelope !== null) return decodeEnvelope(envelope)
  throw new OrlopError('OBJECT_DAMAGED', `${path} is no whole sealed file. Get it again.`, {
    details: { path },
  })
}

async function* readRange(
  input: FileHandle,
  { start, end }: PlainRange,
): AsyncGenerator<Uint8Array> {
  // The pipeline copies a piece before it asks for the next, so one buffer does.
  const buffer = new Uint8Array(READ_BYTES)
  for (let at = start; at < end;) {
    const { bytesRead } = await input.read(buffer, 0, Math.min(READ_BYTES, end - at), at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

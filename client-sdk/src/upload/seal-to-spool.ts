import { wipe } from '@orlop/crypto/bytes'
import {
  DEFAULT_CHUNK_BYTES,
  DEFAULT_STRIPE_SHARE_BYTES,
  encodeHeader,
  hashHeader,
} from '@orlop/crypto/format/header'
import type { Stanza } from '@orlop/crypto/format/envelope'
import type { Manifest } from '@orlop/crypto/format/manifest'
import { commitHeader } from '@orlop/crypto/keys/commitment'
import { DATA_KEY_BYTES } from '@orlop/crypto/keys/object-keys'
import { DATA_CLASSES, type DataClass, IMPORTANCES } from '@orlop/protocol/data-classes'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import { custodyStanzas } from '../custody/custody-stanzas.ts'
import { applicationsOf } from '../envelope/applications-of.ts'
import { composeEnvelope } from '../envelope/compose-envelope.ts'
import { rememberedOpeningKey, trustedOpeningKey } from '../envelope/recipient-keys.ts'
import {
  applicationStanza,
  clientStanza,
  ownStanza,
  passphraseStanza,
} from '../envelope/recipient-stanzas.ts'
import type { ByteSource } from '../pipeline/byte-source.ts'
import { sealPipeline, type SealSummary } from '../pipeline/seal-pipeline.ts'
import { sealingOf } from './object-sealing.ts'
import type { SealedSpool } from './sealed-spool.ts'
import type { SealedFacts, UploadRecord } from './upload-record.ts'

const SALT_BYTES = 32
const HASH_BYTES = 32

export interface SealToSpoolRequest {
  readonly record: UploadRecord
  /** Read to its end and closed. */
  readonly source: ByteSource
  readonly spool: SealedSpool
  /** Opens the object beside the recipients' keys; null for none. */
  readonly passphrase: string | null
  readonly signal?: AbortSignal
}

/**
 * Seals an object into its spool file and writes its first envelope. The data key exists in memory only, and is wiped before this
 * ends; what is kept of it is wrapped in the envelope.
 *
 * @throws OrlopError `FILE_CHANGED`, `DISK_FULL`, `ABORTED`; `APP_KEY_REFUSED`, `APP_KEYS_UNREACHABLE`.
 */
export async function sealToSpool(
  context: ClientContext,
  request: SealToSpoolRequest,
): Promise<SealedFacts> {
  const { record, spool, signal } = request
  const prepared = await prepare(context, request).catch(async (error: unknown) => {
    await request.source.close()
    throw error
  })
  const { sealing, dataKey, headerBytes, stanzas } = prepared
  try {
    const summary = await sealPipeline({
      source: request.source,
      headerBytes,
      dataKey,
      compression: { codec: record.treatment.codec, level: record.treatment.zstdLevel },
      sink: { write: (sealed) => spool.append(sealed) },
      crews: sealing.crews,
      onProgress: (progress) =>
        context.events.emit({
          type: 'sealed',
          objectName: formatObjectId(record.objectId),
          ...progress,
        }),
      ...(signal === undefined ? {} : { signal }),
    })
    const sealedBy = sealing.describe()
    const manifest = composeManifest(record, summary, sealedBy)
    const { envelope, envelopeHash } = composeEnvelope(context.identity, {
      headerBytes,
      dataKey,
      manifest,
      stanzas,
      version: 1,
      previousHash: new Uint8Array(HASH_BYTES),
    })
    return {
      headerHash: hashHeader(headerBytes),
      root: summary.root,
      streamBytes: summary.sealedBytes,
      plainBytes: summary.plainBytes,
      plainSha256: summary.plainSha256,
      codec: summary.codec,
      cipherPath: manifest.cipherPath,
      ...(sealedBy === null ? {} : { sealedBy }),
      envelope,
      envelopeHash,
      ...applicationsOf(stanzas),
    }
  } finally {
    wipe(dataKey)
  }
}

/** Everything that comes before the first byte is read: who seals, the key, and who gets it. */
async function prepare(context: ClientContext, request: SealToSpoolRequest) {
  const { record } = request
  const sealing = sealingOf(context, record)
  const salt = await sealing.random(SALT_BYTES)
  const dataKey = await sealing.random(DATA_KEY_BYTES)
  try {
    const headerBytes = composeHeader(record, dataKey, salt)
    const stanzas = await wrapForAll(context, request, { dataKey, headerBytes })
    return { sealing, dataKey, headerBytes, stanzas }
  } catch (error) {
    wipe(dataKey)
    throw error
  }
}

function composeHeader(
  { objectId, treatment }: UploadRecord,
  dataKey: Uint8Array,
  salt: Uint8Array,
): Uint8Array {
  const header = commitHeader(dataKey, {
    objectId,
    suite: treatment.suite,
    level: treatment.level,
    chaosProfile: treatment.chaosProfile,
    chunkBytes: DEFAULT_CHUNK_BYTES,
    k: 1,
    m: treatment.copies - 1,
    stripeShareBytes: DEFAULT_STRIPE_SHARE_BYTES,
    salt,
  })
  return encodeHeader(header)
}

async function wrapForAll(
  context: ClientContext,
  { record, passphrase, signal }: SealToSpoolRequest,
  key: { readonly dataKey: Uint8Array; readonly headerBytes: Uint8Array },
): Promise<Stanza[]> {
  const request = {
    objectId: record.objectId,
    headerHash: hashHeader(key.headerBytes),
    dataKey: key.dataKey,
  }
  const options = signal === undefined ? {} : { signal }
  const { custody } = record.treatment
  if (custody !== undefined) return custodyStanzas(context, request, custody, options)
  const { application } = record
  const stanzas: Stanza[] = application?.exclusive === true ? [] : [ownStanza(context, request)]
  if (application !== undefined) {
    stanzas.push(await applicationStanza(context, request, application, options))
  }
  for (const clientId of record.recipientIds) {
    // Checked against the ledger when storing began.
    const known = await rememberedOpeningKey(context, clientId)
    const openingKey = known ?? (await trustedOpeningKey(context, clientId, options))
    stanzas.push(clientStanza(request, openingKey))
  }
  if (passphrase !== null) stanzas.push(await passphraseStanza(request, passphrase))
  return stanzas
}

function composeManifest(
  record: UploadRecord,
  summary: SealSummary,
  sealedBy: string | null,
): Manifest {
  const { treatment } = record
  return {
    name: record.name,
    plainBytes: summary.plainBytes,
    plainSha256: summary.plainSha256,
    mediaType: record.mediaType,
    classCode: DATA_CLASSES[treatment.dataClass as DataClass],
    importance: IMPORTANCES[treatment.importance],
    level: treatment.level,
    codec: summary.codec,
    labels: treatment.labels,
    createdMs: record.createdMs,
    chunkBytes: DEFAULT_CHUNK_BYTES,
    sealedChunkBytes: summary.sealedChunkBytes,
    cipherPath: cipherPathOf(record, summary.codec, sealedBy),
  }
}

/** For people: the transformations in their order, the cipher with who did it. */
function cipherPathOf({ treatment }: UploadRecord, codec: string, sealedBy: string | null): string {
  const chaos = treatment.chaosProfile === 'none' ? [] : [`chaos/${treatment.chaosProfile}`]
  const cipher = sealedBy === null ? treatment.suite : `${treatment.suite} @ ${sealedBy}`
  return [codec, cipher, ...chaos].join(' > ')
}

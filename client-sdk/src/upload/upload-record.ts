import * as z from 'zod'
import { formatObjectId } from '@orlop/protocol/ids'
import { ackType, commitType, reservationType } from '@orlop/protocol/messages/storing'
import { signedSchema } from '@orlop/protocol/typed-message'
import { bytes32, byteString, count, ledgerId } from '@orlop/protocol/wire/common'
import { MAX_ENVELOPE_BYTES, MAX_STRIPS } from '@orlop/protocol/limits'
import { applicationNames } from '../home/catalogue.ts'
import { type HomeDatabase, RecordTable } from '../home/table.ts'
import { custodySchema } from '../policy/custody.ts'

/** How far an upload has come; each state includes those before it. */
const uploadState = z.enum([
  'planned',
  'offered',
  'reserved',
  'sealing',
  'sealed',
  'sent',
  'held',
  'stored',
  'recorded',
  'final',
])
export type UploadState = z.infer<typeof uploadState>

/** Whether an upload has come as far as `state`. */
export function hasReached({ state: reached }: UploadRecord, state: UploadState): boolean {
  const { options } = uploadState
  return options.indexOf(reached) >= options.indexOf(state)
}

const source = z.union([
  z.strictObject({
    kind: z.literal('file'),
    path: z.string(),
    sizeBytes: count,
    modifiedMs: z.number(),
  }),
  z.strictObject({ kind: z.literal('stream'), maxPlainBytes: count }),
])

const treatment = z.strictObject({
  rule: z.string(),
  dataClass: z.string(),
  classCode: count,
  importance: z.enum(['critical', 'important', 'routine']),
  level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  /** There exactly at level 3. */
  custody: custodySchema.optional(),
  suite: z.enum(['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3', 'sm4-gcm']),
  chaosProfile: z.enum(['none', 'wide', 'paper']),
  codec: z.enum(['zstd', 'stored']),
  zstdLevel: count,
  copies: z.int().min(1).max(MAX_STRIPS),
  tiers: z.array(z.enum(['heavy', 'light'])).max(2),
  retentionDays: count,
  movable: z.boolean(),
  labels: z.record(z.string(), z.string()),
  /** What spoke for the class, for people. */
  evidence: z.array(z.string()).max(64),
})
export type UploadTreatment = z.infer<typeof treatment>

const placement = z.strictObject({
  ingressNodeId: ledgerId,
  /** In order of strips: the ingress node's first. Empty until the node has answered. */
  reservations: z.array(signedSchema(reservationType)).max(MAX_STRIPS),
  /** How the choice came about, for people. */
  evidence: z.string(),
})

const sealed = z.strictObject({
  headerHash: bytes32,
  root: bytes32,
  streamBytes: count,
  plainBytes: count,
  plainSha256: bytes32,
  codec: z.string(),
  cipherPath: z.string(),
  /** Who sealed it, for people; not there in records of earlier versions, or of clients without a card. */
  sealedBy: z.string().optional(),
  envelope: byteString(MAX_ENVELOPE_BYTES),
  envelopeHash: bytes32,
  /** Which version of an application's key it is sealed for. */
  applications: applicationNames.optional(),
})
export type UploadPlacement = z.infer<typeof placement>
export type SealedFacts = z.infer<typeof sealed>

const uploadRecord = z.strictObject({
  objectId: bytes32,
  /** The caller's name for the request, where it gave one. */
  requestKey: z.string().optional(),
  source,
  name: z.string(),
  mediaType: z.string(),
  createdMs: count,
  treatment,
  /** There when a card must seal it, whoever goes on with it. */
  cardPolicy: z.literal('required').optional(),
  /** Unix seconds. */
  expiry: count,
  /** Most sealed bytes, as offered. */
  maxSealedBytes: count,
  recipientIds: z.array(ledgerId).max(63),
  hasPassphrase: z.boolean(),
  /** The application that opens it, where there is one. */
  application: z
    .strictObject({ appId: z.string(), keyId: z.string(), exclusive: z.boolean() })
    .optional(),
  state: uploadState,
  placement: z.union([placement, z.null()]),
  sealed: z.union([sealed, z.null()]),
  /** What the ingress node last said it holds on disk. */
  durableBytes: count,
  commits: z.array(signedSchema(commitType)).max(MAX_STRIPS),
  acks: z.array(signedSchema(ackType)).max(MAX_STRIPS),
  wire: z.strictObject({ sentBytes: count, receivedBytes: count }),
  /** What the automatic rating goes by. */
  measured: z.strictObject({
    sendingMs: z.number().nonnegative(),
    sentBytes: count,
    interruptions: count,
  }),
  startedMs: count,
})

/** One upload under way, as it is kept on disk so that a killed process continues it. Holds no open key. */
export type UploadRecord = z.infer<typeof uploadRecord>

/** Which application opens an object, by which of its keys; `exclusive`: nobody else does, the owner not either. */
export type UploadApplication = NonNullable<UploadRecord['application']>

/** Uploads under way. */
export class UploadStore {
  readonly #table: RecordTable<UploadRecord>

  constructor(database: HomeDatabase) {
    this.#table = new RecordTable<UploadRecord>(database, {
      name: 'upload',
      schema: uploadRecord,
    })
  }

  get(objectId: Uint8Array): Promise<UploadRecord | null> {
    return this.#table.get(formatObjectId(objectId))
  }

  put(record: UploadRecord): Promise<void> {
    return this.#table.put(formatObjectId(record.objectId), record)
  }

  delete(objectId: Uint8Array): Promise<void> {
    return this.#table.delete(formatObjectId(objectId))
  }

  all(): Promise<UploadRecord[]> {
    return this.#table.all()
  }

  /** The first upload that `isWanted` accepts; null when there is none. */
  async find(isWanted: (record: UploadRecord) => boolean): Promise<UploadRecord | null> {
    for await (const [, record] of this.#table.entries()) if (isWanted(record)) return record
    return null
  }
}

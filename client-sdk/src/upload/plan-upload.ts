import { encodeUtf8, randomBytes } from '@orlop/crypto/bytes'
import { chunkCount } from '@orlop/crypto/format/chunk-table'
import { DEFAULT_CHUNK_BYTES } from '@orlop/crypto/format/header'
import { SUITES } from '@orlop/crypto/suites/suites'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId, OBJECT_ID_BYTES } from '@orlop/protocol/ids'
import { MAX_NAME_BYTES } from '@orlop/protocol/limits'
import { classify, type Classification } from '../classify/classify.ts'
import { HEAD_BYTES, type Subject } from '../classify/subject.ts'
import type { ClientContext } from '../context.ts'
import { type Recipient, recipientIdOf } from '../envelope/recipient-keys.ts'
import { requireFiles } from '../files/file-access.ts'
import { splitObjectPath } from '../files/object-path.ts'
import { decide, type Decision } from '../policy/decide.ts'
import type { Treatment } from '../policy/schema.ts'
import { assertExclusive } from './assert-exclusive.ts'
import type { UploadApplication, UploadRecord, UploadTreatment } from './upload-record.ts'

/** As much of the evidence as a person reads. */
const MAX_EVIDENCE = 16
const DAY_MS = 24 * 3_600_000

/** Bytes to be stored: a file by its path, or a stream of pieces whose length (or a bound of it) the caller knows. */
export type StoreSource =
  | {
      readonly path: string
      /** The state the caller saw it in, links not followed: it is stored like that or not at all. */
      readonly expected?: { readonly sizeBytes: number; readonly modifiedMs: number }
    }
  | { readonly bytes: Uint8Array }
  | {
      readonly stream: AsyncIterable<Uint8Array>
      /** Length, or the most it can be: room is reserved for it. */
      readonly maxBytes: number
      /** Its beginning, for classification; nothing when left out. */
      readonly head?: Uint8Array
    }

/** What a plan needs to know. */
export interface PlanRequest {
  readonly source: StoreSource
  /** Name in the sealed manifest, any Unicode; the file's own name when left out. */
  readonly name?: string
  /** Goes before the policy. */
  readonly overrides?: Treatment
  readonly recipients?: readonly Recipient[]
  readonly requestKey?: string
  readonly hasPassphrase: boolean
  readonly application: UploadApplication | null
}

/** Classifies, applies the policy, and makes the record of a new upload. Nothing is kept on disk yet. */
export async function planUpload(
  context: ClientContext,
  request: PlanRequest,
): Promise<UploadRecord> {
  const { source } = request
  const subject = await subjectOf(context, source, request.name)
  const found = await classify(subject)
  const { sizeBytes } = subject
  const decision = decide({ ...subject, ...found, sizeBytes }, context.policy, request.overrides)
  assertExclusive(request, decision.custody !== null)
  // Before listeners hear of it: what a required card cannot seal is not begun.
  context.cards?.assertCan(decision.suite)
  const objectId = randomBytes(OBJECT_ID_BYTES)
  const name = request.name ?? subject.name
  assertName(name)
  context.events.emit({
    type: 'classified',
    objectName: formatObjectId(objectId),
    name,
    dataClass: decision.dataClass,
    importance: decision.importance,
    rule: decision.rule,
  })
  const nowMs = context.home.clockOffset.nowMs()
  const { recordSource, createdMs } = await recordSourceOf(context, source, nowMs)
  const plainBytes =
    recordSource.kind === 'file' ? recordSource.sizeBytes : recordSource.maxPlainBytes
  const { requestKey } = request
  return {
    objectId,
    ...(requestKey === undefined ? {} : { requestKey }),
    source: recordSource,
    name,
    mediaType: found.mediaType,
    createdMs,
    treatment: treatmentOf(decision, found),
    ...(context.cards?.policy === 'required' ? { cardPolicy: 'required' } : {}),
    expiry: Math.floor((nowMs + decision.retentionDays * DAY_MS) / 1000),
    maxSealedBytes: maxSealedBytes(plainBytes, SUITES[decision.suite].tagBytes),
    recipientIds: (request.recipients ?? []).map(recipientIdOf),
    hasPassphrase: request.hasPassphrase,
    ...(request.application === null ? {} : { application: request.application }),
    state: 'planned',
    placement: null,
    sealed: null,
    durableBytes: 0,
    commits: [],
    acks: [],
    wire: { sentBytes: 0, receivedBytes: 0 },
    measured: { sendingMs: 0, sentBytes: 0, interruptions: 0 },
    startedMs: nowMs,
  }
}

/** What is kept of a decision while the upload goes on. */
function treatmentOf(decision: Decision, found: Classification): UploadTreatment {
  return {
    rule: decision.rule,
    dataClass: decision.dataClass,
    classCode: decision.classCode,
    importance: decision.importance,
    level: decision.level,
    ...(decision.custody === null ? {} : { custody: decision.custody }),
    suite: decision.suite,
    chaosProfile: decision.chaosProfile,
    codec: decision.codec,
    zstdLevel: decision.zstdLevel,
    copies: decision.copies,
    tiers: [...decision.tiers],
    retentionDays: decision.retentionDays,
    movable: decision.movable,
    labels: { ...decision.labels },
    evidence: found.evidence
      .slice(0, MAX_EVIDENCE)
      .map(({ source, detail }) => `${source}: ${detail}`),
  }
}

/** The same upload as a new object: a chunk number is never encrypted twice under one key (formats.md 4). */
export function replanUpload(record: UploadRecord): UploadRecord {
  return {
    ...record,
    objectId: randomBytes(OBJECT_ID_BYTES),
    state: 'planned',
    placement: null,
    sealed: null,
    durableBytes: 0,
    commits: [],
    acks: [],
  }
}

/** Compression never makes a chunk longer, so this many bytes are enough: a codec byte and a tag for each chunk. */
function maxSealedBytes(plainBytes: number, tagBytes: number): number {
  return plainBytes + chunkCount(plainBytes, DEFAULT_CHUNK_BYTES) * (1 + tagBytes)
}

async function subjectOf(
  context: ClientContext,
  source: StoreSource,
  name: string | undefined,
): Promise<Subject> {
  if ('path' in source) {
    const subject = await requireFiles(context).readSubject(source.path)
    return name === undefined ? subject : { ...subject, name: splitObjectPath(name).base }
  }
  const { folder, base } = splitObjectPath(name ?? 'unnamed')
  const head = 'bytes' in source ? source.bytes : (source.head ?? new Uint8Array(0))
  return {
    name: base,
    folder,
    sizeBytes: 'bytes' in source ? source.bytes.length : null,
    head: head.subarray(0, HEAD_BYTES),
  }
}

async function recordSourceOf(
  context: ClientContext,
  source: StoreSource,
  nowMs: number,
): Promise<{ recordSource: UploadRecord['source']; createdMs: number }> {
  if (!('path' in source)) {
    const maxPlainBytes = 'bytes' in source ? source.bytes.length : source.maxBytes
    return { recordSource: { kind: 'stream', maxPlainBytes }, createdMs: nowMs }
  }
  const files = requireFiles(context)
  const path = files.absolutePath(source.path)
  const state = await files.stateOf(path)
  if (state === null) throw fileGone(path)
  const { sizeBytes, modifiedMs } = state
  return {
    recordSource: { kind: 'file', path, sizeBytes, modifiedMs },
    createdMs: Math.max(0, Math.trunc(modifiedMs)),
  }
}

function fileGone(path: string): OrlopError {
  return new OrlopError('USAGE', `${path} does not exist any more. Check the path.`, {
    details: { path },
  })
}

function assertName(name: string): void {
  const lengthBytes = encodeUtf8(name).length
  if (lengthBytes > 0 && lengthBytes <= MAX_NAME_BYTES) return
  throw new OrlopError(
    'USAGE',
    `An object's name has 1 to ${MAX_NAME_BYTES} bytes, this one has ${lengthBytes}. Give a shorter name.`,
  )
}

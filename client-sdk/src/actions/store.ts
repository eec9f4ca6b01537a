import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { ByteSource } from '../pipeline/byte-source.ts'
import { openFileSource } from '../pipeline/file-source.ts'
import { streamSource } from '../pipeline/stream-source.ts'
import type { Treatment } from '../policy/schema.ts'
import { tendPending } from '../pending/tend-pending.ts'
import { requireAdmitted } from '../require-admitted.ts'
import { finishUpload } from '../upload/finish-upload.ts'
import { performUpload } from '../upload/perform-upload.ts'
import { planUpload, type StoreSource } from '../upload/plan-upload.ts'
import { type StoreResult, storeResultOf } from '../upload/store-result.ts'
import type { UploadRecord } from '../upload/upload-record.ts'
import { awaitState, type AwaitedState } from './await-state.ts'

/** A file that goes on changing is not stored by trying again and again. */
const MAX_CHANGES = 3

/** What is to be stored, and how. */
export interface StoreRequest {
  readonly source: StoreSource
  /** Name in the sealed manifest, any Unicode, at most 1024 bytes; the file's own name when left out. */
  readonly name?: string
  /** Settings that go before the policy: level, copies, labels and so on. */
  readonly overrides?: Treatment
  /** Clients that may open the object beside this one, by their number. */
  readonly recipientIds?: readonly number[]
  /** Lets whoever knows it open the object. */
  readonly passphrase?: string
  /** When to come back; `stored` when left out: every strip has its node's signature. */
  readonly waitFor?: AwaitedState
}

/**
 * Stores an object: classifies it, chooses nodes, offers it, seals it only after a node has accepted, sends the sealed bytes once,
 * commits every strip and collects the nodes' signed acknowledgements (design section 3). Goes on over broken links until the
 * signal says stop. A file whose upload was interrupted, by whatever, is continued when it is stored again from the same home.
 *
 * @returns what was stored, where, and the proofs.
 * @throws OrlopError `NOT_ADMITTED`; `NO_NODE_AVAILABLE` naming every node's reason; `FILE_CHANGED` for a file that was written to
 *   during three attempts; `DISK_FULL` for the spool; `LEVEL_UNSUPPORTED`; `ABORTED`; `USAGE` for a name that is too long or an
 *   unknown recipient.
 */
export async function store(
  outer: ClientContext,
  request: StoreRequest,
  options: ActionOptions = {},
): Promise<StoreResult> {
  const context = contextFor(outer, options)
  await requireAdmitted(context, options)
  const record = await uploadUnchanged(context, request, options)
  let entry = await finishUpload(context, record)
  outer.background.runOnce('hand on ratings', (signal) => tendPending(outer, { signal }))
  const { waitFor = 'stored' } = request
  if (waitFor !== 'stored') {
    const { objectId } = entry
    entry = await awaitState(context, { objectId, state: waitFor }, options)
  }
  return storeResultOf(context, record, entry)
}

/** A file that changed while it was read is stored anew, as another object under another key (formats.md 4). */
async function uploadUnchanged(
  context: ClientContext,
  request: StoreRequest,
  options: ActionOptions,
): Promise<UploadRecord> {
  const passphrase = request.passphrase ?? null
  for (let change = 1; ; change++) {
    const record = (await unfinishedUpload(context, request)) ?? (await plan(context, request))
    const inputs = { passphrase, openSource: () => openSource(request.source) }
    try {
      return await performUpload(context, record, inputs, options)
    } catch (error) {
      const isAgainPossible = 'path' in request.source && change < MAX_CHANGES
      if (!isOrlopError(error, 'FILE_CHANGED') || !isAgainPossible) throw error
    }
  }
}

function plan(context: ClientContext, request: StoreRequest): Promise<UploadRecord> {
  const { passphrase, ...rest } = request
  return planUpload(context, { ...rest, hasPassphrase: passphrase !== undefined })
}

async function openSource(source: StoreSource): Promise<ByteSource> {
  if ('path' in source) return openFileSource(resolve(source.path))
  if ('bytes' in source) return streamSource([source.bytes], source.bytes.length)
  return boundedSource(streamSource(source.stream), source.maxBytes)
}

/** Room was reserved for so many bytes; a stream that gives more is stopped before it is sealed. */
function boundedSource(source: ByteSource, maxBytes: number): ByteSource {
  let readBytes = 0
  return {
    sizeBytes: source.sizeBytes,
    async read(target) {
      const lengthBytes = await source.read(target)
      readBytes += lengthBytes
      if (readBytes <= maxBytes) return lengthBytes
      throw new OrlopError(
        'RESERVATION_EXCEEDED',
        `The stream gives more than the ${maxBytes} bytes it was announced with. Store it again with a higher maxBytes.`,
        { details: { maxBytes } },
      )
    },
    verify: () => source.verify(),
    close: () => source.close(),
  }
}

/** An upload of this very file, unchanged and asked for in the same way, that an earlier run did not finish. */
async function unfinishedUpload(
  context: ClientContext,
  request: StoreRequest,
): Promise<UploadRecord | null> {
  if (!('path' in request.source)) return null
  const path = resolve(request.source.path)
  const found = await stat(path).catch(() => null)
  // Who opens it says what is wrong.
  if (found === null) return null
  const { size, mtimeMs } = found
  const recipients = [...(request.recipientIds ?? [])].join()
  return context.home.uploads.find(
    ({ source, objectId, ...record }) =>
      !context.activeUploads.has(formatObjectId(objectId)) &&
      source.kind === 'file' &&
      source.path === path &&
      source.sizeBytes === size &&
      source.modifiedMs === mtimeMs &&
      (request.name === undefined || request.name === record.name) &&
      record.recipientIds.join() === recipients &&
      record.hasPassphrase === (request.passphrase !== undefined),
  )
}

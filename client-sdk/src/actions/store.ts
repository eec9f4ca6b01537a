import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { requireFiles } from '../files/file-access.ts'
import type { ByteSource } from '../pipeline/byte-source.ts'
import { streamSource } from '../pipeline/stream-source.ts'
import type { Treatment } from '../policy/schema.ts'
import { tendPending } from '../pending/tend-pending.ts'
import { requireAdmitted } from '../require-admitted.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { finishUpload } from '../upload/finish-upload.ts'
import { performUpload } from '../upload/perform-upload.ts'
import { type Recipient, recipientIdOf, trustedOpeningKey } from '../envelope/recipient-keys.ts'
import { planUpload, type StoreSource } from '../upload/plan-upload.ts'
import {
  type StoreResult,
  storeResultOf,
  type UploadFacts,
  uploadFactsOf,
} from '../upload/store-result.ts'
import type { UploadRecord } from '../upload/upload-record.ts'
import { awaitState, type AwaitedState } from './await-state.ts'

/** A file that goes on changing is not stored by trying again and again. */
const MAX_CHANGES = 3
const MAX_REQUEST_KEY_CHARACTERS = 128

/** What is to be stored, and how. */
export interface StoreRequest {
  readonly source: StoreSource
  /** Name in the sealed manifest, any Unicode, at most 1024 bytes; the file's own name when left out. */
  readonly name?: string
  /** Settings that go before the policy: level, copies, labels and so on. */
  readonly overrides?: Treatment
  /** Clients that may open the object beside this one, by their number or pinned to their opening key. */
  readonly recipients?: readonly Recipient[]
  /** Takes the ledger's opening keys of these clients although they are others than before. */
  readonly trustNewKeys?: boolean
  /** Lets whoever knows it open the object. */
  readonly passphrase?: string
  /**
   * The caller's own name for this request, 1 to 128 characters. Asked again under the same name from the same home, whatever happened in
   * between, the upload is continued, or the object that came of it given back: never a second one stored.
   */
  readonly requestKey?: string
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
 *   during three attempts; `DISK_FULL` for the spool; `LEVEL_UNSUPPORTED`; `ABORTED`; `RECIPIENT_KEY_CHANGED`; `USAGE` for a name that is too
 *   long or an unknown recipient, or a `requestKey` whose request is under way.
 */
export async function store(
  outer: ClientContext,
  request: StoreRequest,
  options: ActionOptions = {},
): Promise<StoreResult> {
  const context = contextFor(outer, options)
  await requireAdmitted(context, options)
  const { requestKey, waitFor = 'stored' } = request
  const stored =
    requestKey === undefined
      ? await storeOnce(context, request, options)
      : await storeNamed(context, { ...request, requestKey }, options)
  outer.background.runOnce('hand on ratings', (signal) => tendPending(outer, { signal }))
  const { objectId } = stored.entry
  const entry =
    waitFor === 'stored'
      ? stored.entry
      : await awaitState(context, { objectId, state: waitFor }, options)
  return storeResultOf(context, stored.facts, entry)
}

interface Stored {
  readonly facts: UploadFacts
  readonly entry: CatalogueEntry
}

async function storeOnce(
  context: ClientContext,
  request: StoreRequest,
  options: ActionOptions,
): Promise<Stored> {
  const record = await uploadUnchanged(context, request, options)
  return { facts: uploadFactsOf(record), entry: await finishUpload(context, record) }
}

/** What came of the request before, or stores it. */
async function storeNamed(
  context: ClientContext,
  request: StoreRequest & { readonly requestKey: string },
  options: ActionOptions,
): Promise<Stored> {
  const { home, identity, activeRequests } = context
  const { requestKey } = request
  assertRequestKey(requestKey)
  if (activeRequests.has(requestKey)) throw underWay(requestKey)
  activeRequests.add(requestKey)
  try {
    const facts = await home.requests.get(requestKey)
    const entry = facts && (await home.catalogue.get(facts.objectId, identity.clientId))
    if (facts !== null && entry !== null) return { facts, entry }
    return await storeOnce(context, request, options)
  } finally {
    activeRequests.delete(requestKey)
  }
}

/** A file that changed while it was read is stored anew, as another object under another key (formats.md 4). */
async function uploadUnchanged(
  context: ClientContext,
  request: StoreRequest,
  options: ActionOptions,
): Promise<UploadRecord> {
  const passphrase = request.passphrase ?? null
  for (let change = 1; ; change++) {
    const unfinished = await unfinishedUpload(context, request)
    if ((unfinished?.sealed ?? null) === null) {
      await assertAsExpected(context, request.source)
      await trustRecipients(context, request, options)
    }
    const record = unfinished ?? (await plan(context, request))
    const inputs = { passphrase, openSource: () => openSource(context, request.source) }
    try {
      return await performUpload(context, record, inputs, options)
    } catch (error) {
      const isAgainPossible = 'path' in request.source && change < MAX_CHANGES
      if (!isOrlopError(error, 'FILE_CHANGED') || !isAgainPossible) throw error
    }
  }
}

/** Before anything is offered: what would not be shared is not stored either. */
async function trustRecipients(
  context: ClientContext,
  { recipients = [], trustNewKeys }: StoreRequest,
  options: ActionOptions,
): Promise<void> {
  for (const recipient of recipients) {
    await trustedOpeningKey(context, recipient, { trustNewKeys, ...signalOf(options) })
  }
}

function plan(context: ClientContext, request: StoreRequest): Promise<UploadRecord> {
  const { passphrase, ...rest } = request
  return planUpload(context, { ...rest, hasPassphrase: passphrase !== undefined })
}

async function openSource(context: ClientContext, source: StoreSource): Promise<ByteSource> {
  if ('path' in source) return requireFiles(context).openSource(source.path)
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

/** What the caller saw and what is there must be the same file: a link in its place could lead anywhere. */
async function assertAsExpected(context: ClientContext, source: StoreSource): Promise<void> {
  if (!('path' in source) || source.expected === undefined) return
  const { path, expected } = source
  // Of a file that is not there, who opens it says what is wrong.
  if ((await requireFiles(context).isInState(path, expected)) !== false) return
  throw new OrlopError(
    'FILE_CHANGED',
    `${path} is not as it was when it was found. Nothing was stored; store what is there now.`,
    { details: { path } },
  )
}

function assertRequestKey(requestKey: string): void {
  if (requestKey.length > 0 && requestKey.length <= MAX_REQUEST_KEY_CHARACTERS) return
  throw new OrlopError(
    'USAGE',
    `A request's key has 1 to ${MAX_REQUEST_KEY_CHARACTERS} characters, this one has ${requestKey.length}. Give a shorter one.`,
  )
}

function underWay(requestKey: string): OrlopError {
  return new OrlopError(
    'USAGE',
    `A request of the name '${requestKey}' is under way in this process. Wait for it, or give this one another name.`,
  )
}

/** An upload of this request, or of this very file, unchanged and asked for in the same way, that an earlier run did not finish. */
async function unfinishedUpload(
  context: ClientContext,
  request: StoreRequest,
): Promise<UploadRecord | null> {
  const { requestKey } = request
  if (requestKey !== undefined) {
    const named = await context.home.uploads.find((record) => record.requestKey === requestKey)
    if (named !== null && context.activeUploads.has(formatObjectId(named.objectId))) {
      throw underWay(requestKey)
    }
    return named
  }
  if (!('path' in request.source)) return null
  const files = requireFiles(context)
  const path = files.absolutePath(request.source.path)
  const found = await files.stateOf(path)
  // Who opens it says what is wrong.
  if (found === null) return null
  const recipientIds = (request.recipients ?? []).map(recipientIdOf).join()
  return context.home.uploads.find(
    ({ source, objectId, ...record }) =>
      !context.activeUploads.has(formatObjectId(objectId)) &&
      record.requestKey === undefined &&
      source.kind === 'file' &&
      source.path === path &&
      source.sizeBytes === found.sizeBytes &&
      source.modifiedMs === found.modifiedMs &&
      (request.name === undefined || request.name === record.name) &&
      record.recipientIds.join() === recipientIds &&
      record.hasPassphrase === (request.passphrase !== undefined),
  )
}

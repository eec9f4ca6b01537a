import { wipe } from '@orlop/crypto/bytes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import { DEFAULT_KEY_ID } from '../application-keys/application-keys.ts'
import { requireApplicationKeys } from '../application-keys/require-application-keys.ts'
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
import { requestUnderWay, unfinishedUpload } from '../upload/unfinished-upload.ts'
import type { UploadApplication, UploadRecord } from '../upload/upload-record.ts'
import { awaitState, type AwaitedState } from './await-state.ts'

/** A file that goes on changing is not stored by trying again and again. */
const MAX_CHANGES = 3
const MAX_REQUEST_KEY_CHARACTERS = 128

/** For which application an object is sealed. */
export interface ApplicationRequest {
  /** 1 to 63 small letters, digits and hyphens, as `keyId`. */
  readonly appId: string
  /** Which of its keys; `default` when left out. */
  readonly keyId?: string
  /**
   * Whether the application alone opens the object: there is no stanza for its owner. When the centre destroys the key, nobody can open it
   * any more, and as long as the centre gives no key, its owner cannot either: not read it, not share it, not rewrap it.
   */
  readonly exclusive?: boolean
}

/** What is to be stored, and how. */
export interface StoreRequest {
  readonly source: StoreSource
  /** Name in the sealed manifest, any Unicode, at most 1024 bytes; the file's own name when left out. */
  readonly name?: string
  /** Settings that go before the policy: level, copies, labels and so on. */
  readonly overrides?: Treatment
  /** Clients that may open the object beside this one, by their number or pinned to their opening key. */
  readonly recipients?: readonly Recipient[]
  /** Custodians pinned to their opening keys; who keeps the key is said by `overrides.custody` or the policy. */
  readonly custodians?: readonly Recipient[]
  /** Takes the ledger's opening keys of these clients although they are others than before. */
  readonly trustNewKeys?: boolean
  /** Lets whoever knows it open the object. */
  readonly passphrase?: string
  /** Lets an application open it, with its key from the key management centre. */
  readonly application?: ApplicationRequest
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
 *   during three attempts; `DISK_FULL` for the spool; `LEVEL_UNSUPPORTED`; `ABORTED`; `RECIPIENT_KEY_CHANGED`; `APP_KEY_REFUSED`,
 *   `APP_KEYS_UNREACHABLE`, `CARD_UNAVAILABLE`; `USAGE` for a name that is too long or an unknown recipient, or a `requestKey` whose request is under way.
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
  if (activeRequests.has(requestKey)) throw requestUnderWay(requestKey)
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
    const unfinished = await unfinishedUpload(context, {
      ...request,
      application: applicationOf(request),
    })
    if ((unfinished?.sealed ?? null) === null) {
      await assertAsExpected(context, request.source)
      await trustRecipients(context, request, options)
      await assertApplicationKey(context, request, options)
    }
    const record = unfinished ?? (await plan(context, request, options))
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

/** As for recipients: where no key can be had, nothing is begun. */
async function assertApplicationKey(
  context: ClientContext,
  request: StoreRequest,
  options: ActionOptions,
): Promise<void> {
  const application = applicationOf(request)
  if (application === null) return
  const { key } = await requireApplicationKeys(context).sealKey(application, signalOf(options))
  wipe(key)
}

function applicationOf({ application }: StoreRequest): UploadApplication | null {
  if (application === undefined) return null
  const { appId, keyId = DEFAULT_KEY_ID, exclusive = false } = application
  return { appId, keyId, exclusive }
}

async function plan(
  context: ClientContext,
  request: StoreRequest,
  options: ActionOptions,
): Promise<UploadRecord> {
  const { passphrase, ...rest } = request
  const record = await planUpload(context, {
    ...rest,
    hasPassphrase: passphrase !== undefined,
    application: applicationOf(request),
  })
  const { custody } = record.treatment
  if (custody === undefined || 'sm2Key' in custody) return record
  const { custodians: named = [] } = request
  const unnamed = custody.custodians.filter((id) => !named.some((one) => recipientIdOf(one) === id))
  const recipients = [...named, ...unnamed]
  await trustRecipients(context, { ...request, recipients }, options)
  return record
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

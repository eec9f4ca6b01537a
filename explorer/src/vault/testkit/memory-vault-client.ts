import {
  formatObjectId,
  type ActionOptions,
  type CatalogueEntry,
  type ClientEvent,
  type ObjectReader,
  type ReadRange,
  type StoreResult,
  type UnfinishedUpload,
} from '@orlop/client-sdk/browser'
import { randomBytes } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import type { ClientRecord, NodeRecord } from '@orlop/protocol/ledger-records'
import type { VaultClient } from '../client/vault-client.ts'
import { entryOf, namedBytes, SAMPLE_NOW_MS } from './sample-entries.ts'

type Verb<N extends keyof VaultClient> = VaultClient[N] extends (...args: never[]) => unknown
  ? VaultClient[N]
  : never

/** Where an upload can be held. */
export type UploadStep = 'asking' | 'sending' | 'committing' | 'recording'

const RESUMED = { stored: [], failed: [] }

/** A client that keeps everything in memory and speaks to nobody. */
export class MemoryVaultClient implements VaultClient {
  record: ClientRecord | null
  readonly openingKey = namedBytes('opening key')
  entries: CatalogueEntry[] = []
  unfinished: UnfinishedUpload[] = []
  registryNodes: NodeRecord[] = []
  /** Content by the name of the object. */
  readonly contents = new Map<string, Uint8Array>()
  /** Keys in every envelope that belong to nobody known. */
  unknownKeys = 0
  readonly sharing = new Map<string, Set<number>>()
  /** What every question ends with, as long as it is there. */
  failure: OrlopError | null = null
  /** What every question waits for. */
  gate: Promise<unknown> = Promise.resolve()
  /** What uploads wait for at each of their steps. */
  onStep: (step: UploadStep, name: string) => Promise<unknown> = () => Promise.resolve()
  /** What was asked for, in order. */
  readonly calls: { readonly verb: string; readonly request: unknown }[] = []
  isClosed = false
  readonly #stop = new AbortController()

  constructor(record: ClientRecord | null) {
    this.record = record
  }

  nodes: Verb<'nodes'> = (options) => this.#ask('nodes', null, options, () => this.registryNodes)
  refresh: Verb<'refresh'> = (options) => this.#ask('refresh', null, options, () => this.record)
  register: Verb<'register'> = (request, options) =>
    this.#ask('register', request, options, () => {
      const { name, imoNumber = 0 } = request
      this.record = { ...sampleRecord('pending'), name, imoNumber }
      return this.record
    })
  list: Verb<'list'> = (request, options) =>
    this.#ask('list', request, options, () =>
      this.entries
        .filter(({ state }) => state !== 'removed')
        .sort((one, other) => other.storedMs - one.storedMs),
    )
  recover: Verb<'recover'> = (options) =>
    this.#ask('recover', null, options, () => ({
      objects: this.entries.length,
      recovered: this.entries.length,
      failures: [],
    }))
  uploads: Verb<'uploads'> = () => this.#ask('uploads', null, {}, () => this.unfinished)
  abandon: Verb<'abandon'> = ({ objectId }) =>
    this.#ask('abandon', objectId, {}, () => {
      const before = this.unfinished.length
      this.unfinished = this.unfinished.filter((upload) => upload.objectId !== objectId)
      if (this.unfinished.length === before) throw unknown()
    })
  tend: Verb<'tend'> = () => Promise.resolve()
  close: Verb<'close'> = () => {
    this.isClosed = true
    this.#stop.abort()
    return Promise.resolve()
  }

  open: Verb<'open'> = (request, options) =>
    this.#ask('open', request, options, () => this.#reader(this.#entry(request.objectId)))
  retrieve: Verb<'retrieve'> = async ({ range, ...request }, options) => {
    const reader = await this.open(request, options)
    return { entry: reader.entry, ...reader.read(range) }
  }
  verify: Verb<'verify'> = (request, options) =>
    this.#ask('verify', request, options, () => {
      const entry = this.#entry(request.objectId)
      return {
        objectId: formatObjectId(entry.objectId),
        isSound: !entry.name.startsWith('tampered'),
        isOpened: true,
        strips: entry.strips.map(({ index, nodeId, transactionHash: txHash = null }) => ({
          ...{ index, nodeId, nodeName: `A0${nodeId}`, txHash },
          ...(entry.name.startsWith('tampered') && index === 1
            ? { result: 'damaged' as const, reason: 'Chunk 3 from node A02 does not authenticate.' }
            : { result: 'sound' as const, reason: null }),
        })),
      }
    })
  status: Verb<'status'> = (request, options) =>
    this.#ask('status', request, options, () => {
      const { name, state, strips, objectId } = this.#entry(request.objectId)
      return {
        objectId: formatObjectId(objectId),
        ...{ state, name, upload: null },
        strips: strips.map(({ index, nodeId, transactionHash: txHash = null }) => ({
          ...{ index, nodeId, nodeName: `A0${nodeId}`, txHash },
          nodeState: index === 2 ? null : ('final' as const),
        })),
      }
    })

  recipients: Verb<'recipients'> = ({ objectId }, options) =>
    this.#ask('recipients', objectId, options, () => ({
      clientIds: [...(this.sharing.get(nameOf(objectId)) ?? [])],
      passphrases: 0,
      unknownKeys: this.unknownKeys,
      applications: [],
    }))
  share: Verb<'share'> = (request, options) =>
    this.#ask('share', request, options, () => {
      const { objectId, recipient } = request
      if (recipient !== undefined) {
        const id = typeof recipient === 'number' ? recipient : recipient.clientId
        const name = nameOf(objectId)
        this.sharing.set(name, new Set([...(this.sharing.get(name) ?? []), id]))
      }
      const openingKey = recipient === undefined ? null : namedBytes('their key')
      return { ...this.#rewritten(objectId), openingKey }
    })
  revoke: Verb<'revoke'> = (request, options) =>
    this.#ask('revoke', request, options, () => {
      this.sharing.get(nameOf(request.objectId))?.delete(request.recipientId ?? 0)
      return this.#rewritten(request.objectId)
    })
  extend: Verb<'extend'> = (request, options) =>
    this.#ask('extend', request, options, () => {
      this.#change(request.objectId, { expiry: request.expirySeconds })
      return { objectId: nameOf(request.objectId), nodeIds: [1, 2], waitingNodeIds: [3] }
    })
  remove: Verb<'remove'> = (request, options) =>
    this.#ask('remove', request, options, () => {
      this.#change(request.objectId, { state: 'removed' })
      return { objectId: nameOf(request.objectId), nodeIds: [1, 2, 3], waitingNodeIds: [] }
    })

  store: Verb<'store'> = async (request, options = {}) => {
    this.calls.push({ verb: 'store', request })
    const name = request.name ?? ''
    const totalBytes = 'stream' in request.source ? request.source.maxBytes : 0
    const objectId = randomBytes(32)
    const objectName = formatObjectId(objectId)
    const tell = (event: OmitName) => options.onProgress?.({ ...event, objectName })
    const step = (reached: UploadStep) => this.#until(this.onStep(reached, name), options.signal)
    const node = { nodeId: 1, name: 'A01' }
    tell({ type: 'chosen', ingress: node, proposed: [node] })
    await step('asking')
    tell({ type: 'accepted', nodes: [node] })
    const durableBytes = Math.round(totalBytes * 0.6)
    tell({ type: 'sent', node, durableBytes, totalBytes })
    await step('sending')
    tell({ type: 'committed', node })
    await step('committing')
    const entry = this.#stored(name, objectId, totalBytes)
    tell({ type: 'stored' })
    await step('recording')
    this.#change(objectName, { state: 'recorded' })
    tell({ type: 'recorded' })
    return resultOf(entry, objectName)
  }
  resume: Verb<'resume'> = (options = {}) =>
    this.#ask('resume', options.objectId, options, () => {
      this.unfinished = this.unfinished.filter(({ objectId }) => objectId !== options.objectId)
      return RESUMED
    })
  await: Verb<'await'> = async (request, options = {}) => {
    this.calls.push({ verb: 'await', request })
    await this.#until(this.onStep('recording', nameOf(request.objectId)), options.signal)
    const about = { name: 'resumed', dataClass: 'data', importance: 'routine' } as const
    return entryOf({ ...about, state: request.state, content: new Uint8Array(0), hoursAgo: 0 })
  }

  #stored(name: string, objectId: Uint8Array, lengthBytes: number): CatalogueEntry {
    const content = new Uint8Array(lengthBytes)
    const about = { name, dataClass: 'data', importance: 'routine', state: 'stored' } as const
    const entry = { ...entryOf({ ...about, content, hoursAgo: 0 }), objectId }
    this.entries = [entry, ...this.entries]
    this.contents.set(formatObjectId(objectId), content)
    return entry
  }

  async #ask<T>(
    verb: string,
    request: unknown,
    { signal }: ActionOptions = {},
    answer: () => T,
  ): Promise<T> {
    this.calls.push({ verb, request })
    await this.#until(this.gate, signal)
    if (this.failure !== null) throw this.failure
    return answer()
  }

  /** Waits, unless the caller gives up or the client is closed. */
  async #until(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
    const stopped = Promise.withResolvers<never>()
    const all = AbortSignal.any([this.#stop.signal, ...(signal === undefined ? [] : [signal])])
    const stop = () => stopped.reject(new OrlopError('ABORTED', 'It was stopped on request.'))
    if (all.aborted) stop()
    all.addEventListener('abort', stop)
    await Promise.race([work, stopped.promise])
  }

  #reader(entry: CatalogueEntry): ObjectReader {
    const content = this.contents.get(formatObjectId(entry.objectId)) ?? new Uint8Array(0)
    const read = ({ start, end = content.length }: ReadRange = { start: 0 }) => {
      const part = content.subarray(start, end)
      return { lengthBytes: part.length, stream: piecesOf(part) }
    }
    return { entry, plainBytes: content.length, read, close: () => undefined }
  }

  #entry(objectId: Uint8Array | string): CatalogueEntry {
    const entry = this.entries.find((one) => formatObjectId(one.objectId) === nameOf(objectId))
    if (entry === undefined) throw unknown()
    return entry
  }

  #change(objectId: Uint8Array | string, change: Partial<CatalogueEntry>): void {
    const changed = this.#entry(objectId)
    this.entries = this.entries.map((entry) =>
      entry === changed ? { ...entry, ...change } : entry,
    )
  }

  #rewritten(objectId: Uint8Array | string) {
    const sharedWith = this.sharing.get(nameOf(objectId))?.size ?? 0
    this.#change(objectId, { sharedWith })
    return { objectId: nameOf(objectId), version: 2, nodeIds: [1, 2, 3], waitingNodeIds: [] }
  }
}

/** An event without the object's name. */
type OmitName = ClientEvent extends infer E
  ? E extends ClientEvent
    ? Omit<E, 'objectName'>
    : never
  : never

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 65_536) {
    await Promise.resolve()
    yield bytes.subarray(at, at + 65_536)
  }
}

function nameOf(objectId: Uint8Array | string): string {
  return typeof objectId === 'string' ? objectId : formatObjectId(objectId)
}

function unknown(): OrlopError {
  return new OrlopError('OBJECT_NOT_FOUND', 'There is no such object. Check its name.')
}

/** The record of the client that owns the samples. */
export function sampleRecord(state: ClientRecord['state']): ClientRecord {
  return {
    clientId: 7,
    signer: '0x83ab12F0C5d79e4683Ab12f0c5D79E4683aB12F0',
    recovery: '0x9D46a3b7E1f2083c5d6E7A8b9C0d1e2F3a4B5c6D',
    openingKey: namedBytes('opening key'),
    imoNumber: 0,
    name: 'Piraeus fleet office',
    state,
    minimumImportance: 0,
    nonce: 0,
  }
}

/** A node of the registry. */
export function sampleNode(nodeId: number): NodeRecord {
  return {
    nodeId,
    account: '0x9D46a3b7E1f2083c5d6E7A8b9C0d1e2F3a4B5c6D',
    name: `A0${nodeId}`,
    peerId: `12D3KooWSample${nodeId}`,
    addresses: [],
    tier: 'heavy',
    region: 'GR-PIR',
    capacityBytes: 4_000_000_000_000,
    freeBytes: 2_600_000_000_000,
    lastSeenMs: SAMPLE_NOW_MS,
    state: 'admitted',
    isMaster: nodeId === 1,
    creditMillionths: 700_000,
    ratings: 12,
  }
}

function resultOf(entry: CatalogueEntry, objectId: string): StoreResult {
  const { name, plainBytes, sealedBytes, suite, cipherPath, state, level } = entry
  return {
    ...{ objectId, name, plainBytes, sealedBytes, suite, cipherPath, state, level },
    class: 'data',
    importance: 'routine',
    sealedBy: 'software',
    wireBytes: { sentBytes: sealedBytes, receivedBytes: 900 },
    ingress: { nodeId: 1, name: 'A01' },
    strips: [],
    decision: { rule: 'default', evidence: [], placement: '' },
  }
}

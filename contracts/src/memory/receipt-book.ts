import { compareBytes, encodeHex } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import type { RecordItem } from '@orlop/protocol/ledger'
import type { Citation, ObjectEvent, Receipt } from '@orlop/protocol/ledger-records'
import { EVERY_STRIP, MAX_BATCH_RECEIPTS } from '@orlop/protocol/limits'
import {
  envelopeUpdateType,
  extendType,
  moveType,
  removeType,
  type SignedEnvelopeUpdate,
  type SignedExtend,
  type SignedMove,
  type SignedRemove,
} from '@orlop/protocol/messages/keeping'
import { COMMIT_FLAG_MOVABLE, ackType, commitType } from '@orlop/protocol/messages/storing'
import {
  digestOf,
  type Fields,
  type MessageOf,
  type MessageType,
  type Signed,
} from '@orlop/protocol/typed-message'
import { batchProof } from '../batch-tree.ts'
import { commitOf } from '../receipt-commit.ts'
import { ledgerRejected, type RejectReason } from '../rejections.ts'
import type { RegistryBook, Sending } from './registry-book.ts'
import { isSignedBy } from './signed-by.ts'

export type StoredReceipt = Omit<Receipt, 'position'>
type WithoutPosition<T> = T extends unknown ? Omit<T, 'position'> : never
export type ObjectChange = WithoutPosition<ObjectEvent>

/** Which strip a message is about: one of an object, or every strip. */
interface StripName {
  objectId: Uint8Array
  clientId: number
  index: number
}

/** What came of a batch. */
export interface BatchOutcome {
  batchId: number | null
  recorded: StoredReceipt[]
  rejected: { item: number; reason: RejectReason }[]
}

const receiptKey = (nodeId: number, sequence: number) => `${nodeId}/${sequence}`
const objectKey = (name: { objectId: Uint8Array; clientId: number }) =>
  `${encodeHex(name.objectId)}/${name.clientId}`
const stripKey = (name: StripName) => `${objectKey(name)}/${name.index}`

/** The rules of `Receipts.sol` in memory. */
export class ReceiptBook {
  readonly #deployment: Deployment
  readonly #registry: RegistryBook
  readonly #recorded = new Map<string, StoredReceipt>()
  readonly #byObject = new Map<string, StoredReceipt[]>()
  readonly #batches: StoredReceipt[][] = []
  readonly #moved = new Set<string>()
  readonly #extended = new Map<string, number>()
  readonly #removed = new Set<string>()
  readonly #anchors = new Map<string, { version: number; envelopeHash: Uint8Array }>()

  constructor(deployment: Deployment, registry: RegistryBook) {
    this.#deployment = deployment
    this.#registry = registry
  }

  receipt(nodeId: number, sequence: number): StoredReceipt | null {
    return this.#recorded.get(receiptKey(nodeId, sequence)) ?? null
  }

  cite(nodeId: number, sequence: number): Citation | null {
    const receipt = this.receipt(nodeId, sequence)
    const batch = receipt === null ? undefined : this.#batches[receipt.batchId - 1]
    if (receipt === null || batch === undefined) return null
    const leaves = batch.map((leaf) => digestOf(commitType, this.#deployment, commitOf(leaf)))
    return { batchId: receipt.batchId, proof: batchProof(leaves, batch.indexOf(receipt)) }
  }

  record(sending: Sending, items: readonly RecordItem[]): BatchOutcome {
    if (items.length === 0 || items.length > MAX_BATCH_RECEIPTS) {
      const facts = { count: items.length }
      throw ledgerRejected({ action: 'record receipts', reason: 'BatchSizeRefused', facts })
    }
    const batchId = this.#batches.length + 1
    const outcome: BatchOutcome = { batchId: null, recorded: [], rejected: [] }
    for (const [item, { commit, ack }] of items.entries()) {
      const reason = this.#judge(sending, { commit, ...(ack && { ack }) })
      if (reason !== 'None') outcome.rejected.push({ item, reason })
      else outcome.recorded.push(this.#put({ ...commit.message, batchId }))
    }
    if (outcome.recorded.length > 0) {
      this.#batches.push(outcome.recorded)
      outcome.batchId = batchId
    }
    return outcome
  }

  /** @returns null when this expiry was recorded before. */
  extend(sending: Sending, signed: SignedExtend): ObjectChange | null {
    const action = 'extend an object'
    const { message } = signed
    const cited = this.#cited(action, message)
    this.#requireClient({ action, type: extendType, signed, isSuspendedAllowed: false })
    this.#requireKept(action, message)
    const current = this.#effectiveExpiry(cited, message.index)
    if (message.expiry === current) return null
    this.#requireRunning(action, current, sending)
    if (message.expiry < current) {
      const facts = { requested: message.expiry, current }
      throw ledgerRejected({ action, reason: 'ExpiryNotLater', facts })
    }
    this.#extended.set(stripKey(message), message.expiry)
    return { kind: 'extended', ...structuredClone(message) }
  }

  /** @returns null when the strips were given up before. */
  remove(signed: SignedRemove): ObjectChange | null {
    const action = 'remove an object'
    const { message } = signed
    this.#cited(action, message)
    this.#requireClient({ action, type: removeType, signed, isSuspendedAllowed: true })
    if (this.#isRemoved(message)) return null
    this.#removed.add(stripKey(message))
    return { kind: 'removed', ...structuredClone(message) }
  }

  move(sending: Sending, signed: SignedMove): { receipt: StoredReceipt; change: ObjectChange } {
    const action = 'move a strip'
    const { message } = signed
    if (!this.#registry.isSteward(sending.sender)) {
      throw ledgerRejected({ action, reason: 'NotSteward', facts: { sender: sending.sender } })
    }
    const from = this.#movable(sending, signed)
    this.#requireTaker(signed, from)
    const facts = { nodeId: message.toNodeId, sequence: message.toSequence }
    if (this.receipt(facts.nodeId, facts.sequence) !== null) {
      throw ledgerRejected({ action, reason: 'SequenceTaken', facts })
    }
    this.#moved.add(receiptKey(from.nodeId, from.sequence))
    const batchId = this.#batches.length + 1
    const receipt = this.#put({ ...from, ...facts, batchId })
    this.#batches.push([receipt])
    const { clientId } = from
    return { receipt, change: { kind: 'moved', ...structuredClone(message), clientId } }
  }

  /** @returns null when the ledger holds this version or a newer one. */
  anchorEnvelope(signed: SignedEnvelopeUpdate): ObjectChange | null {
    const { message } = signed
    const action = 'fix an envelope'
    this.#requireClient({ action, type: envelopeUpdateType, signed, isSuspendedAllowed: true })
    const key = objectKey(message)
    const held = this.#anchors.get(key) ?? { version: 0, envelopeHash: new Uint8Array(32) }
    const isNewer =
      message.version > held.version ||
      (message.version === held.version &&
        compareBytes(message.envelopeHash, held.envelopeHash) < 0)
    if (!isNewer) return null
    this.#anchors.set(key, structuredClone(message))
    return { kind: 'envelope', ...structuredClone(message) }
  }

  #put(receipt: StoredReceipt): StoredReceipt {
    const stored = structuredClone(receipt)
    this.#recorded.set(receiptKey(stored.nodeId, stored.sequence), stored)
    const siblings = this.#byObject.get(objectKey(stored)) ?? []
    this.#byObject.set(objectKey(stored), [...siblings, stored])
    return stored
  }

  #judge(sending: Sending, { commit, ack }: RecordItem): RejectReason {
    const { message } = commit
    const { k, m, index } = message
    if (k === 0 || k + m > EVERY_STRIP || index >= k + m) return 'Malformed'
    const node = this.#registry.node(message.nodeId)
    if (node === null) return 'UnknownNode'
    if (node.state !== 'admitted' && node.state !== 'draining') return 'NodeNotAdmitted'
    if (this.receipt(message.nodeId, message.sequence) !== null) return 'AlreadyRecorded'
    if (message.expiry * 1000 <= sending.blockTimeMs) return 'Expired'
    const client = this.#registry.client(message.clientId)
    if (client === null) return 'UnknownClient'
    if (client.state !== 'admitted') return 'ClientNotAdmitted'
    if (node.account !== sending.sender) {
      if (ack === undefined) return 'AckMissing'
      const commitHash = digestOf(commitType, this.#deployment, message)
      const expected = { message: { ...ack.message, commitHash }, signature: ack.signature }
      const isAcknowledged =
        ack.message.nodeId === message.nodeId &&
        isSignedBy(ackType, this.#deployment, expected, node.account)
      if (!isAcknowledged) return 'BadAck'
    }
    return isSignedBy(commitType, this.#deployment, commit, client.signer) ? 'None' : 'BadSignature'
  }

  #cited(action: string, name: StripName): StoredReceipt {
    const receipts = this.#byObject.get(objectKey(name)) ?? []
    const cited = receipts.find(({ index }) => name.index === EVERY_STRIP || name.index === index)
    if (cited !== undefined) return cited
    throw ledgerRejected({ action, reason: 'NotRecorded' })
  }

  #requireClient<F extends Fields>(check: {
    action: string
    type: MessageType<F>
    signed: Signed<MessageOf<F> & { clientId: number }>
    isSuspendedAllowed: boolean
  }): void {
    const { action, type, signed } = check
    const { clientId } = signed.message
    const client = this.#registry.client(clientId)
    const isSuspendedAllowed = check.isSuspendedAllowed && client?.state === 'suspended'
    if (client === null || (client.state !== 'admitted' && !isSuspendedAllowed)) {
      const facts = { clientId, state: client?.state ?? 'none' }
      throw ledgerRejected({ action, reason: 'ClientRefused', facts })
    }
    if (!isSignedBy(type, this.#deployment, signed, client.signer)) {
      throw ledgerRejected({ action, reason: 'BadSignature', facts: { expected: client.signer } })
    }
  }

  #movable(sending: Sending, { message }: SignedMove): StoredReceipt {
    const action = 'move a strip'
    const from = this.receipt(message.fromNodeId, message.fromSequence)
    const facts = { nodeId: message.fromNodeId, sequence: message.fromSequence }
    if (from === null || compareBytes(from.objectId, message.objectId) !== 0) {
      throw ledgerRejected({ action, reason: 'NotRecorded', facts })
    }
    if ((from.flags & COMMIT_FLAG_MOVABLE) === 0) {
      throw ledgerRejected({ action, reason: 'MoveNotAllowed' })
    }
    if (message.toNodeId === from.nodeId) {
      throw ledgerRejected({ action, reason: 'SameNode', facts: { nodeId: from.nodeId } })
    }
    if (this.#moved.has(receiptKey(from.nodeId, from.sequence))) {
      throw ledgerRejected({ action, reason: 'AlreadyMoved', facts })
    }
    this.#requireKept(action, from)
    this.#requireRunning(action, this.#effectiveExpiry(from, from.index), sending)
    return from
  }

  /** The contract builds the message from the cited receipt, so a signature over another index counts as a bad one. */
  #requireTaker(signed: SignedMove, from: StoredReceipt): void {
    const action = 'move a strip'
    const taker = this.#registry.node(signed.message.toNodeId)
    if (taker?.state !== 'admitted') {
      const facts = { nodeId: signed.message.toNodeId, state: taker?.state ?? 'none' }
      throw ledgerRejected({ action, reason: 'NodeRefused', facts })
    }
    const expected = { ...signed, message: { ...signed.message, index: from.index } }
    if (!isSignedBy(moveType, this.#deployment, expected, taker.account)) {
      throw ledgerRejected({ action, reason: 'BadSignature', facts: { expected: taker.account } })
    }
  }

  #requireKept(action: string, name: StripName): void {
    if (!this.#isRemoved(name)) return
    const { clientId, index } = name
    throw ledgerRejected({ action, reason: 'StripRemoved', facts: { clientId, index } })
  }

  #requireRunning(action: string, expiry: number, sending: Sending): void {
    if (expiry * 1000 > sending.blockTimeMs) return
    throw ledgerRejected({ action, reason: 'ReceiptExpired', facts: { expiry } })
  }

  #isRemoved({ objectId, clientId, index }: StripName): boolean {
    return [index, EVERY_STRIP].some((each) =>
      this.#removed.has(stripKey({ objectId, clientId, index: each })),
    )
  }

  #effectiveExpiry(receipt: StoredReceipt, index: number): number {
    const { objectId, clientId } = receipt
    const extensions = [index, EVERY_STRIP].map(
      (each) => this.#extended.get(stripKey({ objectId, clientId, index: each })) ?? 0,
    )
    return Math.max(receipt.expiry, ...extensions)
  }
}

import { encodeUtf8 } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import type { NodeProfile } from '@orlop/protocol/ledger'
import type { ClientRecord, NodeRecord, NodeState } from '@orlop/protocol/ledger-records'
import {
  registerClientType,
  rotateSignerType,
  type SignedRegisterClient,
  type SignedRotateSigner,
} from '@orlop/protocol/messages/identity'
import { ZeroAddress, getAddress } from 'ethers'
import { peerIdToBytes } from '../peer-id-bytes.ts'
import { ledgerRejected, type Rejection } from '../rejections.ts'
import { isSignedBy } from './signed-by.ts'

type StoredNode = Omit<NodeRecord, 'isMaster' | 'creditMillionths' | 'ratings'>

/** Who sends a transaction, in which block. */
export interface Sending {
  sender: string
  blockTimeMs: number
}

const NODE_STEPS: Readonly<Record<'admitted' | 'draining' | 'retired', readonly NodeState[]>> = {
  admitted: ['pending', 'draining'],
  draining: ['admitted'],
  retired: ['pending', 'admitted', 'draining'],
}

/** The rules of `Registry.sol` in memory. */
export class RegistryBook {
  readonly #deployment: Deployment
  readonly #admin: string
  readonly #stewards: Set<string>
  readonly #nodes: StoredNode[] = []
  readonly #clients: ClientRecord[] = []
  readonly #signers = new Map<string, number>()
  #masterNodeId = 0

  /** @param admin - has the admin and the steward role from the start. */
  constructor(deployment: Deployment, admin: string) {
    this.#deployment = deployment
    this.#admin = admin
    this.#stewards = new Set([admin])
  }

  get masterNodeId(): number {
    return this.#masterNodeId
  }

  get nodes(): readonly StoredNode[] {
    return this.#nodes
  }

  get clients(): readonly ClientRecord[] {
    return this.#clients
  }

  node(nodeId: number): StoredNode | null {
    return this.#nodes[nodeId - 1] ?? null
  }

  client(clientId: number): ClientRecord | null {
    return this.#clients[clientId - 1] ?? null
  }

  clientBySigner(signer: string): ClientRecord | null {
    return this.#clients.find((client) => client.signer === getAddress(signer)) ?? null
  }

  /** Signers that a client had before, the oldest first. */
  formerSigners(clientId: number): string[] {
    const present = this.client(clientId)?.signer
    return [...this.#signers]
      .filter(([signer, owner]) => owner === clientId && signer !== present)
      .map(([signer]) => signer)
  }

  isSteward(account: string): boolean {
    return this.#stewards.has(account)
  }

  registerNode(sending: Sending, profile: NodeProfile): number {
    const action = 'register a node'
    requireProfile(action, profile)
    const taken = this.#nodes.find((node) => node.account === sending.sender)
    if (taken !== undefined) {
      const facts = { account: sending.sender, nodeId: taken.nodeId }
      throw ledgerRejected({ action, reason: 'AccountInUse', facts })
    }
    this.#nodes.push({
      ...structuredClone(profile),
      nodeId: this.#nodes.length + 1,
      account: sending.sender,
      freeBytes: profile.capacityBytes,
      lastSeenMs: sending.blockTimeMs,
      state: this.isSteward(sending.sender) ? 'admitted' : 'pending',
    })
    return this.#nodes.length
  }

  updateNode(sending: Sending, profile: NodeProfile): void {
    const action = 'update a node'
    requireProfile(action, profile)
    const node = this.#ownNode(sending, action)
    Object.assign(node, structuredClone(profile), { tier: node.tier })
  }

  heartbeat(sending: Sending, freeBytes: number): void {
    const node = this.#ownNode(sending, 'send a heartbeat')
    node.freeBytes = freeBytes
    node.lastSeenMs = sending.blockTimeMs
  }

  changeNode(sending: Sending, nodeId: number, to: keyof typeof NODE_STEPS, reason = ''): void {
    const action = `make a node ${to}`
    this.#requireSteward(sending, action)
    const node = this.#knownNode(nodeId, action)
    const isLeavingMaster = to !== 'admitted' && nodeId === this.#masterNodeId
    if (isLeavingMaster || !NODE_STEPS[to].includes(node.state)) {
      const facts = { nodeId, from: node.state, to }
      throw ledgerRejected({ action, reason: 'NodeTransitionRefused', facts })
    }
    requireText(action, 'reason', reason, { max: 256 })
    node.state = to
  }

  setMaster(sending: Sending, nodeId: number): void {
    const action = 'set the master'
    if (sending.sender !== this.#admin) throw unauthorized(action, sending.sender)
    const node = this.node(nodeId)
    if (nodeId !== 0 && node?.state !== 'admitted') {
      throw ledgerRejected({ action, reason: 'MasterNotAdmitted', facts: { nodeId } })
    }
    const former = this.node(this.#masterNodeId)
    if (former !== null) this.#stewards.delete(former.account)
    if (node !== null) this.#stewards.add(node.account)
    this.#masterNodeId = nodeId
  }

  registerClient(sending: Sending, signed: SignedRegisterClient): number {
    const action = 'register a client'
    const { message } = signed
    const signer = getAddress(message.signer)
    const recovery = getAddress(message.recovery)
    requireText(action, 'name', message.name, { min: 1, max: 256 })
    if (recovery === ZeroAddress || recovery === signer) throw invalidField(action, 'recovery')
    if (isZero(message.openingKey)) throw invalidField(action, 'openingKey')
    if (!isSignedBy(registerClientType, this.#deployment, signed, signer)) {
      throw ledgerRejected({ action, reason: 'BadSignature', facts: { expected: signer } })
    }
    this.#requireFreshSigner(action, signer)
    const clientId = this.#clients.length + 1
    this.#clients.push({
      ...structuredClone(message),
      clientId,
      signer,
      recovery,
      state: this.isSteward(sending.sender) ? 'admitted' : 'pending',
      minimumImportance: 0,
      nonce: 0,
    })
    this.#signers.set(signer, clientId)
    return clientId
  }

  rotateSigner(signed: SignedRotateSigner): void {
    const action = 'replace the keys of a client'
    const { message } = signed
    const client = this.#knownClient(message.clientId, action)
    if (message.nonce !== client.nonce) {
      const facts = { clientId: client.clientId, expected: client.nonce, got: message.nonce }
      throw ledgerRejected({ action, reason: 'WrongNonce', facts })
    }
    const newSigner = getAddress(message.newSigner)
    if (newSigner === ZeroAddress || newSigner === client.recovery) {
      throw invalidField(action, 'newSigner')
    }
    if (isZero(message.newOpeningKey)) throw invalidField(action, 'newOpeningKey')
    if (!isSignedBy(rotateSignerType, this.#deployment, signed, client.recovery)) {
      throw ledgerRejected({ action, reason: 'BadSignature', facts: { expected: client.recovery } })
    }
    this.#requireFreshSigner(action, newSigner)
    this.#signers.set(newSigner, client.clientId)
    client.signer = newSigner
    client.openingKey = message.newOpeningKey.slice()
    client.nonce += 1
  }

  admitClient(sending: Sending, clientId: number, minimumImportance: number): void {
    const action = 'admit a client'
    this.#requireSteward(sending, action)
    const client = this.#knownClient(clientId, action)
    if (minimumImportance > 3) throw invalidField(action, 'minimumImportance')
    client.state = 'admitted'
    client.minimumImportance = minimumImportance
  }

  suspendClient(sending: Sending, clientId: number, reason: string): void {
    const action = 'suspend a client'
    this.#requireSteward(sending, action)
    const client = this.#knownClient(clientId, action)
    if (client.state === 'suspended') {
      const facts = { clientId, from: client.state, to: 'suspended' }
      throw ledgerRejected({ action, reason: 'ClientTransitionRefused', facts })
    }
    requireText(action, 'reason', reason, { max: 256 })
    client.state = 'suspended'
  }

  #ownNode(sending: Sending, action: string): StoredNode {
    const node = this.#nodes.find((candidate) => candidate.account === sending.sender)
    if (node !== undefined) return node
    throw ledgerRejected({ action, reason: 'NotANode', facts: { sender: sending.sender } })
  }

  #knownNode(nodeId: number, action: string): StoredNode {
    const node = this.node(nodeId)
    if (node !== null) return node
    throw ledgerRejected({ action, reason: 'UnknownNode', facts: { nodeId } })
  }

  #knownClient(clientId: number, action: string): ClientRecord {
    const client = this.client(clientId)
    if (client !== null) return client
    throw ledgerRejected({ action, reason: 'UnknownClient', facts: { clientId } })
  }

  #requireSteward(sending: Sending, action: string): void {
    if (!this.isSteward(sending.sender)) throw unauthorized(action, sending.sender)
  }

  #requireFreshSigner(action: string, signer: string): void {
    const clientId = this.#signers.get(signer)
    if (clientId === undefined) return
    throw ledgerRejected({ action, reason: 'SignerInUse', facts: { signer, clientId } })
  }
}

function unauthorized(action: string, account: string): Error {
  const rejection: Rejection = { action, reason: 'AccessControlUnauthorizedAccount' }
  return ledgerRejected({ ...rejection, facts: { account } })
}

function invalidField(action: string, field: string): Error {
  return ledgerRejected({ action, reason: 'InvalidField', facts: { field } })
}

function requireText(
  action: string,
  field: string,
  text: string,
  bounds: { min?: number; max: number },
): void {
  const lengthBytes = encodeUtf8(text).length
  if (lengthBytes < (bounds.min ?? 0) || lengthBytes > bounds.max) throw invalidField(action, field)
}

function requireProfile(action: string, profile: NodeProfile): void {
  peerIdToBytes(profile.peerId)
  requireText(action, 'addresses', profile.addresses.join(','), { max: 2048 })
  requireText(action, 'region', profile.region, { max: 32 })
  requireText(action, 'name', profile.name, { min: 1, max: 64 })
}

function isZero(key: Uint8Array): boolean {
  return key.every((byte) => byte === 0)
}

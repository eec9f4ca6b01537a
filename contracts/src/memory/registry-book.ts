import { encodeUtf8 } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import type {
  HistoryProfile,
  RegistryEvent,
  RegistryRole,
  Unplaced,
} from '@orlop/protocol/history-events'
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

const STEWARD: RegistryRole = 'steward'

/** The rules of `Registry.sol` in memory. */
export class RegistryBook {
  readonly #deployment: Deployment
  readonly #admin: string
  readonly #stewards: Set<string>
  readonly #nodes: StoredNode[] = []
  readonly #clients: ClientRecord[] = []
  readonly #signers = new Map<string, number>()
  #masterNodeId = 0
  #told: Unplaced<RegistryEvent>[] = []

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

  /** What the contract would have logged since this was asked last. */
  takeEvents(): Unplaced<RegistryEvent>[] {
    const told = this.#told
    this.#told = []
    return told
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
    const nodeId = this.#nodes.length + 1
    const node: StoredNode = {
      ...structuredClone(profile),
      nodeId,
      account: sending.sender,
      freeBytes: profile.capacityBytes,
      lastSeenMs: sending.blockTimeMs,
      state: 'pending',
    }
    this.#nodes.push(node)
    const { account, tier } = node
    this.#told.push({
      kind: 'nodeRegistered',
      ...{ nodeId, account, tier },
      profile: saidProfile(profile),
    })
    if (this.isSteward(sending.sender)) this.#setNodeState(node, 'admitted', '')
    return nodeId
  }

  updateNode(sending: Sending, profile: NodeProfile): void {
    const action = 'update a node'
    requireProfile(action, profile)
    const node = this.#ownNode(sending, action)
    Object.assign(node, structuredClone(profile), { tier: node.tier })
    const { nodeId } = node
    this.#told.push({ kind: 'nodeUpdated', nodeId, profile: saidProfile(profile) })
  }

  heartbeat(sending: Sending, freeBytes: number): void {
    const node = this.#ownNode(sending, 'send a heartbeat')
    node.freeBytes = freeBytes
    node.lastSeenMs = sending.blockTimeMs
    this.#told.push({ kind: 'heartbeat', nodeId: node.nodeId, freeBytes })
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
    this.#setNodeState(node, to, reason)
  }

  setTier(sending: Sending, change: { nodeId: number; tier: NodeRecord['tier']; reason: string }) {
    const action = 'change the tier of a node'
    const { nodeId, tier, reason } = change
    this.#requireSteward(sending, action)
    const node = this.#knownNode(nodeId, action)
    requireText(action, 'reason', reason, { max: 256 })
    this.#told.push({ kind: 'nodeTierChanged', nodeId, from: node.tier, to: tier, reason })
    node.tier = tier
  }

  setMaster(sending: Sending, nodeId: number): void {
    const action = 'set the master'
    if (sending.sender !== this.#admin) throw unauthorized(action, sending.sender)
    const node = this.node(nodeId)
    if (nodeId !== 0 && node?.state !== 'admitted') {
      throw ledgerRejected({ action, reason: 'MasterNotAdmitted', facts: { nodeId } })
    }
    const former = this.node(this.#masterNodeId)
    const { sender } = sending
    if (former !== null && this.#stewards.delete(former.account)) {
      this.#told.push({ kind: 'roleRevoked', role: STEWARD, account: former.account, sender })
    }
    if (node !== null && !this.isSteward(node.account)) {
      this.#stewards.add(node.account)
      this.#told.push({ kind: 'roleGranted', role: STEWARD, account: node.account, sender })
    }
    this.#masterNodeId = nodeId
    const [fromNodeId, toNodeId] = [former?.nodeId ?? null, node?.nodeId ?? null]
    this.#told.push({ kind: 'masterChanged', fromNodeId, toNodeId })
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
    const { openingKey, imoNumber, name } = structuredClone(message)
    const said = { clientId, signer, recovery, openingKey, imoNumber, name }
    const client: ClientRecord = { ...said, state: 'pending', minimumImportance: 0, nonce: 0 }
    this.#clients.push(client)
    this.#signers.set(signer, clientId)
    this.#told.push({ kind: 'clientRegistered', ...said })
    if (this.isSteward(sending.sender)) this.#setClientState(client, 'admitted', '')
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
    const { clientId, signer: oldSigner } = client
    const newOpeningKey = message.newOpeningKey.slice()
    client.signer = newSigner
    client.openingKey = newOpeningKey
    client.nonce += 1
    this.#told.push({ kind: 'signerRotated', clientId, oldSigner, newSigner, newOpeningKey })
  }

  admitClient(sending: Sending, clientId: number, minimumImportance: number): void {
    const action = 'admit a client'
    this.#requireSteward(sending, action)
    const client = this.#knownClient(clientId, action)
    if (minimumImportance > 3) throw invalidField(action, 'minimumImportance')
    client.minimumImportance = minimumImportance
    this.#setClientState(client, 'admitted', '')
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
    this.#setClientState(client, 'suspended', reason)
  }

  #setNodeState(node: StoredNode, to: NodeState, reason: string): void {
    const { nodeId, state: from } = node
    this.#told.push({ kind: 'nodeStateChanged', nodeId, from, to, reason })
    node.state = to
  }

  #setClientState(client: ClientRecord, to: ClientRecord['state'], reason: string): void {
    const { clientId, state: from, minimumImportance } = client
    const change = { clientId, from, to, minimumImportance, reason }
    this.#told.push({ kind: 'clientStateChanged', ...change })
    client.state = to
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

/** A copy of what a node says of itself. */
function saidProfile({ name, peerId, addresses, region, capacityBytes }: NodeProfile) {
  const profile: HistoryProfile = { name, peerId, addresses: [...addresses], region, capacityBytes }
  return profile
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

import type { HistoryProfile } from '@orlop/protocol/history-events'
import type { ClientRecord, NodeRecord, Receipt } from '@orlop/protocol/ledger-records'
import { MAX_ADDRESS_COUNT } from '@orlop/protocol/limits'
import { getBytes } from 'ethers'
import type { registryAbi } from '../abi.generated.ts'
import { peerIdFromBytes } from '../peer-id-bytes.ts'
import type { ResultOf } from '../typed-contract.ts'
import type { RecordedCommit } from './recorded-batch.ts'

/** Names of the contracts' enumerations by their codes. */
export const NODE_STATES = ['none', 'pending', 'admitted', 'draining', 'retired'] as const
export const CLIENT_STATES = ['none', 'pending', 'admitted', 'suspended'] as const
export const TIER_NAMES = ['none', 'heavy', 'light'] as const

type ContractNode = ResultOf<typeof registryAbi, 'nodes'>[number]
type ContractClient = ResultOf<typeof registryAbi, 'clients'>[number]

const MAX_ADDRESS_LENGTH = 256
const MAX_REASON_LENGTH = 256
const MAX_PROFILE_LENGTHS = { name: 256, region: 32, peerId: 128 }

/** A number of the ledger; one that JavaScript cannot count becomes the largest it can. */
export function toCount(value: bigint | number): number {
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER)
}

/** A text of the ledger. Anybody may put bytes there that are no UTF-8; they must not hide the rest of the list. */
export function toText(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

function addressesOf(joined: string): string[] {
  return joined
    .split(',')
    .filter((address) => address.length > 0 && address.length <= MAX_ADDRESS_LENGTH)
    .slice(0, MAX_ADDRESS_COUNT)
}

/** What somebody gave as a reason; a contract of this version takes no longer ones. */
export function toReason(read: () => string): string {
  return toText(read).slice(0, MAX_REASON_LENGTH)
}

/** What a node says of itself. */
export function toProfile(profile: ContractNode['profile']): HistoryProfile {
  const { name, region, peerId } = MAX_PROFILE_LENGTHS
  return {
    name: toText(() => profile.name).slice(0, name),
    peerId: peerIdFromBytes(getBytes(profile.peerId)).slice(0, peerId),
    addresses: addressesOf(toText(() => profile.addresses)),
    region: toText(() => profile.region).slice(0, region),
    capacityBytes: toCount(profile.capacityBytes),
  }
}

/** @returns null for a node without a state or tier that this version knows. */
export function toNodeRecord(
  nodeId: number,
  node: ContractNode,
  standing: Pick<NodeRecord, 'isMaster' | 'creditMillionths' | 'ratings'>,
): NodeRecord | null {
  const state = NODE_STATES[Number(node.state)] ?? 'none'
  const tier = TIER_NAMES[Number(node.tier)] ?? 'none'
  if (state === 'none' || tier === 'none') return null
  return {
    ...toProfile(node.profile),
    nodeId,
    account: node.account,
    tier,
    freeBytes: toCount(node.freeBytes),
    lastSeenMs: toCount(node.lastSeen) * 1000,
    state,
    ...standing,
  }
}

/** @returns null for a client without a state that this version knows. */
export function toClientRecord(clientId: number, client: ContractClient): ClientRecord | null {
  const state = CLIENT_STATES[Number(client.state)] ?? 'none'
  if (state === 'none') return null
  return {
    clientId,
    signer: client.signer,
    recovery: client.recovery,
    openingKey: getBytes(client.openingKey),
    imoNumber: Number(client.imoNumber),
    name: toText(() => client.name),
    state,
    minimumImportance: Number(client.minimumImportance),
    nonce: toCount(client.nonce),
  }
}

/** @returns null for a receipt with a number beyond 2⁵³ − 1: this software makes none, and nothing could be done with it. */
export function toReceipt(
  commit: RecordedCommit,
  place: Pick<Receipt, 'batchId' | 'position'>,
): Receipt | null {
  const { objectId, headerHash, root, ...numbers } = commit
  const largest = Math.max(...Object.values(numbers).map(Number))
  if (largest > Number.MAX_SAFE_INTEGER) return null
  return {
    objectId: getBytes(objectId),
    headerHash: getBytes(headerHash),
    root: getBytes(root),
    streamBytes: Number(numbers.streamBytes),
    expiry: Number(numbers.expiry),
    sequence: Number(numbers.sequence),
    clientId: Number(numbers.clientId),
    nodeId: Number(numbers.nodeId),
    classCode: Number(numbers.classCode),
    index: Number(numbers.index),
    k: Number(numbers.k),
    m: Number(numbers.m),
    level: Number(numbers.level),
    flags: Number(numbers.flags),
    ...place,
  }
}

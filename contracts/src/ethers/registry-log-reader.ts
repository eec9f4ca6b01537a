import type { RegistryEvent, RegistryRole, Unplaced } from '@orlop/protocol/history-events'
import type { ClientState, NodeState } from '@orlop/protocol/ledger-records'
import { ZeroHash, getBytes, id } from 'ethers'
import type { registryAbi } from '../abi.generated.ts'
import { matchesRegistryEvent } from '../ledger-filter.ts'
import type { EventOf } from '../typed-contract.ts'
import {
  CLIENT_STATES,
  NODE_STATES,
  TIER_NAMES,
  toCount,
  toProfile,
  toReason,
  toText,
} from './ledger-values.ts'
import type { BoundedFilter, LogReading } from './log-reading.ts'
import type { ScanOptions } from './log-scanner.ts'

type Told = Unplaced<RegistryEvent>
type Logged<N extends EventOf<typeof registryAbi>['name']> = EventOf<typeof registryAbi, N>['args']

/** Names of the contract's roles by their hashes. */
const ROLES: Readonly<Record<string, RegistryRole>> = {
  [ZeroHash]: 'admin',
  [id('STEWARD_ROLE')]: 'steward',
}
const KINDS = [
  ...(['NodeRegistered', 'NodeUpdated', 'NodeStateChanged', 'NodeTierChanged'] as const),
  ...(['Heartbeat', 'MasterChanged', 'ClientRegistered', 'ClientStateChanged'] as const),
  ...(['SignerRotated', 'RoleGranted', 'RoleRevoked'] as const),
]
const MAX_NAME_LENGTH = 256

/** What became of nodes, clients and roles, from the registry's logs. */
export class RegistryLogReader {
  readonly #parts: LogReading

  constructor(parts: LogReading) {
    this.#parts = parts
  }

  async *read(filter: BoundedFilter, options: ScanOptions): AsyncGenerator<RegistryEvent> {
    const { contracts, scanner, times } = this.#parts
    const { registry } = contracts
    const { fromBlock, toBlock } = filter
    const topics = [KINDS.map((kind) => registry.topicOf(kind))]
    const query = { address: registry.address, topics, fromBlock, toBlock }
    for await (const page of scanner.pages(query, options)) {
      for (const log of page) {
        const logged = registry.decodeLog(log)
        const event = logged === null ? null : toldBy(logged)
        if (event === null || !matchesRegistryEvent(filter, event)) continue
        yield { ...event, position: await times.position(log, options) }
      }
    }
  }
}

/** @returns null for states and tiers that this version does not know. */
function toldBy(logged: EventOf<typeof registryAbi>): Told | null {
  switch (logged.name) {
    case 'NodeRegistered':
      return nodeRegistered(logged.args)
    case 'NodeUpdated': {
      const { nodeId, profile } = logged.args
      return { kind: 'nodeUpdated', nodeId: Number(nodeId), profile: toProfile(profile) }
    }
    case 'NodeStateChanged':
      return nodeStateChanged(logged.args)
    case 'NodeTierChanged':
      return nodeTierChanged(logged.args)
    case 'Heartbeat': {
      const { nodeId, freeBytes } = logged.args
      return { kind: 'heartbeat', nodeId: Number(nodeId), freeBytes: toCount(freeBytes) }
    }
    case 'MasterChanged': {
      const [fromNodeId, toNodeId] = [logged.args.fromNodeId, logged.args.toNodeId].map(
        (nodeId) => Number(nodeId) || null,
      )
      return {
        kind: 'masterChanged',
        fromNodeId: fromNodeId ?? null,
        toNodeId: toNodeId ?? null,
      }
    }
    case 'ClientRegistered':
      return clientRegistered(logged.args)
    case 'ClientStateChanged':
      return clientStateChanged(logged.args)
    case 'SignerRotated':
      return signerRotated(logged.args)
    case 'RoleGranted':
    case 'RoleRevoked': {
      const { role, account, sender } = logged.args
      const kind = logged.name === 'RoleGranted' ? 'roleGranted' : 'roleRevoked'
      return { kind, role: ROLES[role] ?? 'other', account, sender }
    }
    case 'RoleAdminChanged':
    case 'EIP712DomainChanged':
      return null
  }
}

function nodeRegistered({ nodeId, account, tier, profile }: Logged<'NodeRegistered'>): Told | null {
  const name = tierOf(tier)
  if (name === null) return null
  const facts = { nodeId: Number(nodeId), account, tier: name, profile: toProfile(profile) }
  return { kind: 'nodeRegistered', ...facts }
}

function nodeStateChanged(args: Logged<'NodeStateChanged'>): Told | null {
  const [from, to] = [nodeState(args.from), nodeState(args.to)]
  if (from === null || to === null) return null
  const reason = toReason(() => args.reason)
  return { kind: 'nodeStateChanged', nodeId: Number(args.nodeId), from, to, reason }
}

function nodeTierChanged(args: Logged<'NodeTierChanged'>): Told | null {
  const [from, to] = [tierOf(args.from), tierOf(args.to)]
  if (from === null || to === null) return null
  const reason = toReason(() => args.reason)
  return { kind: 'nodeTierChanged', nodeId: Number(args.nodeId), from, to, reason }
}

function clientRegistered(args: Logged<'ClientRegistered'>): Told {
  const { clientId, signer, recovery, openingKey, imoNumber } = args
  return {
    kind: 'clientRegistered',
    clientId: Number(clientId),
    ...{ signer, recovery },
    openingKey: getBytes(openingKey),
    imoNumber: Number(imoNumber),
    name: toText(() => args.name).slice(0, MAX_NAME_LENGTH),
  }
}

function clientStateChanged(args: Logged<'ClientStateChanged'>): Told | null {
  const [from, to] = [clientState(args.from), clientState(args.to)]
  if (from === null || to === null) return null
  return {
    kind: 'clientStateChanged',
    clientId: Number(args.clientId),
    ...{ from, to },
    minimumImportance: Number(args.minimumImportance),
    reason: toReason(() => args.reason),
  }
}

function signerRotated(args: Logged<'SignerRotated'>): Told {
  const { clientId, oldSigner, newSigner, newOpeningKey } = args
  return {
    kind: 'signerRotated',
    clientId: Number(clientId),
    ...{ oldSigner, newSigner },
    newOpeningKey: getBytes(newOpeningKey),
  }
}

function tierOf(code: bigint | number) {
  const tier = TIER_NAMES[Number(code)] ?? 'none'
  return tier === 'none' ? null : tier
}

function nodeState(code: bigint | number): NodeState | null {
  const state = NODE_STATES[Number(code)] ?? 'none'
  return state === 'none' ? null : state
}

function clientState(code: bigint | number): ClientState | null {
  const state = CLIENT_STATES[Number(code)] ?? 'none'
  return state === 'none' ? null : state
}

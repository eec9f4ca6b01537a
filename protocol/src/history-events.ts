import type { NodeProfile } from './ledger.ts'
import type { ClientState, CreditEvent, LedgerPosition, NodeState } from './ledger-records.ts'

/** What those who keep the ledger's whole history read of it, besides receipts and what changed objects. */

/** What a rating, or its being taken back, made of a node's credit. */
export interface CreditChange {
  beforeMillionths: number
  afterMillionths: number
}

/** Everything that happened to a rating; the fields of the rating itself are in each event. */
export type RatingEvent = Pick<
  CreditEvent,
  'nodeId' | 'clientId' | 'sequence' | 'score' | 'causeCode'
> & { position: LedgerPosition } & (
    | {
        kind: 'rated'
        /** null for a rating that did not count: its client had used up its ratings of that kind for this node and day. */
        change: CreditChange | null
      }
    | { kind: 'annulled'; change: CreditChange; steward: string; reason: string }
    | {
        kind: 'appealed'
        /** SHA-256 of the node's reasons, which are not on the ledger. */
        reasonHash: Uint8Array
      }
    | { kind: 'dismissed'; steward: string; reason: string }
  )

/** What a node says of itself; its tier is the steward's to say. */
export type HistoryProfile = Omit<NodeProfile, 'tier'>

/** Roles of the registry's accounts that this version knows. */
export type RegistryRole = 'admin' | 'steward' | 'other'

/** Everything that the registry tells of its nodes, clients and roles. Addresses are EIP-55. */
export type RegistryEvent = { position: LedgerPosition } & (
  | {
      kind: 'nodeRegistered'
      nodeId: number
      account: string
      tier: NodeProfile['tier']
      profile: HistoryProfile
    }
  | { kind: 'nodeUpdated'; nodeId: number; profile: HistoryProfile }
  | {
      kind: 'nodeStateChanged'
      nodeId: number
      from: NodeState
      to: NodeState
      /** May be empty. */
      reason: string
    }
  | {
      kind: 'nodeTierChanged'
      nodeId: number
      from: NodeProfile['tier']
      to: NodeProfile['tier']
      reason: string
    }
  | { kind: 'heartbeat'; nodeId: number; freeBytes: number }
  | {
      kind: 'masterChanged'
      /** null where there was none, or is none any more. */
      fromNodeId: number | null
      toNodeId: number | null
    }
  | {
      kind: 'clientRegistered'
      clientId: number
      signer: string
      recovery: string
      openingKey: Uint8Array
      /** 0 for shore clients. */
      imoNumber: number
      name: string
    }
  | {
      kind: 'clientStateChanged'
      clientId: number
      from: ClientState
      to: ClientState
      /** As in `ClientRecord`. */
      minimumImportance: number
      reason: string
    }
  | {
      kind: 'signerRotated'
      clientId: number
      oldSigner: string
      newSigner: string
      newOpeningKey: Uint8Array
    }
  | { kind: 'roleGranted' | 'roleRevoked'; role: RegistryRole; account: string; sender: string }
)

/** An event before it has a place on the ledger. */
export type Unplaced<T> = T extends unknown ? Omit<T, 'position'> : never

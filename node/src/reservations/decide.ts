import type { ClientState, NodeState } from '@orlop/protocol/ledger-records'
import type { Tier } from '@orlop/protocol/data-classes'

/** What the ledger and the node's own configuration say about the two parties of an offer. */
export interface PartyFacts {
  /** null when the ledger does not know the client. */
  clientState: ClientState | null
  /** 0 = none; else only data at least this important is taken (1 critical … 3 routine). */
  clientMinimumImportance: number
  nodeState: NodeState
  nodeTier: Tier
  /** Importance that the offer's class implies; null when the class is undisclosed or implies none. */
  importance: number | null
}

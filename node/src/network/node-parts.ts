import type { Clock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { Logger } from '@orlop/protocol/logger'
import type { Timers } from '../outbox/timers.ts'
import type { NodeStorage } from '../storage/interfaces.ts'
import type { LedgerView } from './ledger-view.ts'
import type { NodeDialer } from './node-dialer.ts'
import type { NodeMeter } from './node-meter.ts'
import type { NodeSigner } from './node-signer.ts'
import type { Spreader } from './spreader.ts'

/** Times and counts of one node's network side. */
export interface NodeLimits {
  /** Offers pending within this window are answered in order of request time. */
  offerWindowMs: number
  /** How long proposed nodes may take to reserve. */
  gatherTimeoutMs: number
  /** A sender of strip bytes that says nothing for this long is let go. */
  senderIdleMs: number
  /** How long a node may take to answer a reach question. */
  reachTimeoutMs: number
  /** How long a registration may take to reach the ledger before it is answered without an id. */
  registrationWaitMs: number
  /** Reads of the ledger that one peer may have relayed in a minute. */
  relayReadsPerMinute: number
  /** Messages that one peer may have relayed in a minute. */
  relaySubmitsPerMinute: number
}

/** What the handlers of one node share. */
export interface NodeParts {
  nodeId: number
  deployment: Deployment
  /** The ledger itself: relayed reads of history. */
  reader: LedgerReader
  /** The ledger as last seen: everything that must work while it is away. */
  ledger: LedgerView
  signer: NodeSigner
  storage: NodeStorage
  dialer: NodeDialer
  spreader: Spreader
  meter: NodeMeter
  clock: Clock
  timers: Timers
  logger: Logger
  limits: NodeLimits
}

import type { Clock } from '@orlop/protocol/clock'
import type { ChainClient } from '@orlop/protocol/ledger'
import type { Logger } from '@orlop/protocol/logger'
import type { Admission, HelloSelf } from '@orlop/transport/hello'
import type { Transport } from '@orlop/transport/transport'
import type { NodeMeter } from './network/node-meter.ts'
import type { Timers } from './outbox/timers.ts'
import type { BlobStore, StorageMetrics } from './storage/interfaces.ts'

/** What a transport of this node needs to know of it. */
export interface TransportParts {
  self: () => HelloSelf
  admit: Admission
  clock: Clock
  logger: Logger
}

export interface NodeDependencies {
  /** The ledger, with the account of `ledgerKey`. */
  chain: ChainClient
  /** 32 bytes; signs what the node promises. */
  ledgerKey: Uint8Array
  /** Makes the transport: libp2p, or memory in tests. Called at every start. */
  createTransport: (parts: TransportParts) => Promise<Transport>
  clock?: Clock
  timers?: Timers
  /** Evenly spread over 0 (included) to 1. */
  random?: () => number
  logger?: Logger
  meter?: NodeMeter
  storageMetrics?: StorageMetrics
  /** Default: files in the home. */
  blobs?: BlobStore
}

export type CheckedDependencies = Required<Omit<NodeDependencies, 'blobs' | 'storageMetrics'>> &
  Pick<NodeDependencies, 'blobs' | 'storageMetrics'>

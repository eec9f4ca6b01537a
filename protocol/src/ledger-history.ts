import type { RatingEvent, RegistryEvent } from './history-events.ts'
import type { LedgerCallOptions, LedgerFilter, LedgerReader } from './ledger.ts'
import type { ClientRecord, LedgerHead } from './ledger-records.ts'

/** What those who keep a copy of the ledger's history need besides {@link LedgerReader}. Errors are the same. */
export interface LedgerHistory extends LedgerReader {
  /** The block that has this number now; null when the ledger has none, or lost it. */
  block(blockNumber: number, options?: LedgerCallOptions): Promise<LedgerHead | null>
  /** Every client ever registered, whatever its state, by clientId. */
  clients(options?: LedgerCallOptions): Promise<ClientRecord[]>
  /** Every rating, counted or not, and what nodes and steward did about ratings, in ledger order. */
  ratingEvents(filter: LedgerFilter, options?: LedgerCallOptions): AsyncIterable<RatingEvent>
  /** What became of nodes, clients and roles, in ledger order. */
  registryEvents(filter: LedgerFilter, options?: LedgerCallOptions): AsyncIterable<RegistryEvent>
}

import type { LedgerFilter } from '@orlop/protocol/ledger'
import type { OrlopContracts } from '../orlop-contracts.ts'
import type { BlockTimes } from './block-times.ts'
import type { LogScanner } from './log-scanner.ts'

/** What every reader of events works with. */
export interface LogReading {
  readonly contracts: OrlopContracts
  readonly scanner: LogScanner
  readonly times: BlockTimes
}

/** A filter whose blocks are both given. */
export type BoundedFilter = LedgerFilter & { fromBlock: number; toBlock: number }

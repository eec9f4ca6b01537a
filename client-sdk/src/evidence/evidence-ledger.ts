import type { LedgerCallOptions, LedgerReader } from '@orlop/protocol/ledger'
import type { LedgerHead } from '@orlop/protocol/ledger-records'

/** What checking evidence asks of a ledger, beyond reading it. */
export interface EvidenceLedger extends LedgerReader {
  /** @returns null when there is no such block (any more). */
  block(blockNumber: number, options?: LedgerCallOptions): Promise<LedgerHead | null>
  /** The root of a batch; null when there is none. */
  batchRoot(batchId: number, options?: LedgerCallOptions): Promise<Uint8Array | null>
  /** Whether the bit of a receipt is set. */
  isRecorded(nodeId: number, sequence: number, options?: LedgerCallOptions): Promise<boolean>
  /** The addresses that a client had signed with when that block was the newest, EIP-55, the oldest first. */
  signersAt(clientId: number, blockNumber: number, options?: LedgerCallOptions): Promise<string[]>
  /** What a node was called when that block was the newest; null when it did not exist. */
  nodeNameAt(
    nodeId: number,
    blockNumber: number,
    options?: LedgerCallOptions,
  ): Promise<string | null>
}

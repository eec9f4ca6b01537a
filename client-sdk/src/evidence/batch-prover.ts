import { batchProof, batchRoot } from '@orlop/contracts/batch-tree'
import { commitOf } from '@orlop/contracts/receipt-commit'
import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerCallOptions, LedgerReader } from '@orlop/protocol/ledger'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { commitType } from '@orlop/protocol/messages/storing'
import { digestOf } from '@orlop/protocol/typed-message'
import type { EvidenceReceipt } from './evidence-format.ts'
import { receiptKey } from './read-history.ts'

/** The leaves of one batch, and which receipt each is. */
interface Batch {
  readonly keys: string[]
  readonly leaves: Uint8Array[]
}

/** Proves receipts to stand in their batches, from the receipts of the whole block. Batches are kept while one block is worked on. */
export class BatchProver {
  readonly #ledger: LedgerReader
  #blockNumber = -1
  #batches = new Map<number, Batch>()

  constructor(ledger: LedgerReader) {
    this.#ledger = ledger
  }

  /** @throws OrlopError `LEDGER_UNREACHABLE` when the receipt's block was replaced meanwhile. */
  async prove(
    receipt: Receipt,
    options: LedgerCallOptions = {},
  ): Promise<EvidenceReceipt['batch']> {
    const { batchId, position } = receipt
    if (this.#blockNumber !== position.blockNumber) await this.#read(position.blockNumber, options)
    const batch = this.#batches.get(batchId)
    const place = batch?.keys.indexOf(receiptKey(receipt)) ?? -1
    if (batch === undefined || place < 0) {
      throw new OrlopError(
        'LEDGER_UNREACHABLE',
        `Block ${position.blockNumber} of the ledger was replaced while it was read. Export again.`,
      )
    }
    const { leaves } = batch
    return { batchId, root: batchRoot(leaves), proof: batchProof(leaves, place) }
  }

  async #read(blockNumber: number, options: LedgerCallOptions): Promise<void> {
    const batches = new Map<number, Batch>()
    const block = { fromBlock: blockNumber, toBlock: blockNumber }
    for await (const receipt of this.#ledger.receipts(block, options)) {
      const batch = batches.get(receipt.batchId) ?? { keys: [], leaves: [] }
      batch.keys.push(receiptKey(receipt))
      batch.leaves.push(digestOf(commitType, this.#ledger.deployment, commitOf(receipt)))
      batches.set(receipt.batchId, batch)
    }
    this.#blockNumber = blockNumber
    this.#batches = batches
  }
}

import type { LedgerFilter } from '@orlop/protocol/ledger'
import type { Citation, Receipt } from '@orlop/protocol/ledger-records'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import type { EthersLedgerReader } from '../ethers-ledger-reader.ts'
import type { LedgerRpc } from '../rpc/ledger-rpc.ts'
import { rebuildCitation } from './rebuild-citation.ts'

type Filter = Pick<LedgerFilter, 'objectId' | 'clientId' | 'nodeId'>

/** Finds single receipts, the newest first: what is asked for was mostly recorded a short while ago. */
export class ReceiptFinder {
  readonly #reader: Pick<EthersLedgerReader, 'receipts' | 'contracts' | 'deployment'>
  readonly #rpc: LedgerRpc

  constructor(
    reader: Pick<EthersLedgerReader, 'receipts' | 'contracts' | 'deployment'>,
    rpc: LedgerRpc,
  ) {
    this.#reader = reader
    this.#rpc = rpc
  }

  /** The receipt of that number among those of the filter; null when there is none. */
  numbered(filter: Filter, sequence: number): Promise<Receipt | null> {
    return this.#find(filter, (found) => found.sequence === sequence)
  }

  /** The newest receipt of a strip, or of any strip where the index means every one; null when there is none. */
  ofStrip(strip: {
    objectId: Uint8Array
    clientId: number
    index: number
  }): Promise<Receipt | null> {
    const { objectId, clientId, index } = strip
    const isIt = (found: Receipt) => index === EVERY_STRIP || found.index === index
    return this.#find({ objectId, clientId }, isIt)
  }

  /** What proves a receipt to the contracts; null when its transaction is not on the chain any more. */
  async proof(receipt: Receipt): Promise<Citation | null> {
    const transaction = await this.#rpc.transactionReceipt(receipt.position.transactionHash)
    return transaction === null ? null : rebuildCitation(this.#reader, receipt, transaction.logs)
  }

  async #find(filter: Filter, isIt: (found: Receipt) => boolean): Promise<Receipt | null> {
    const { objectId, clientId, nodeId } = filter
    const given = {
      ...(objectId && { objectId }),
      ...(clientId !== undefined && { clientId }),
      ...(nodeId !== undefined && { nodeId }),
    }
    for await (const receipt of this.#reader.receipts(given, { isNewestFirst: true })) {
      if (isIt(receipt)) return receipt
    }
    return null
  }
}

import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import { decodeHex } from '@orlop/crypto/bytes'
import type { Receipt } from '@orlop/protocol/ledger-records'
import type { ProofLedger } from './verify-strips.ts'

/** A ledger over JSON-RPC, asked by the reader's own browser. */
export class RpcProofLedger extends EthersLedgerReader implements ProofLedger {
  receiptsOfBlock(blockNumber: number, signal?: AbortSignal): Promise<Receipt[]> {
    const filter = { fromBlock: blockNumber, toBlock: blockNumber }
    return Array.fromAsync(this.receipts(filter, signal === undefined ? {} : { signal }))
  }

  async batchRoot(batchId: number, signal?: AbortSignal): Promise<Uint8Array> {
    const { receipts } = this.contracts
    const root = await this.view(
      receipts,
      'batchRoot',
      [BigInt(batchId)],
      signal === undefined ? {} : { signal },
    )
    return decodeHex(root.slice(2))
  }
}

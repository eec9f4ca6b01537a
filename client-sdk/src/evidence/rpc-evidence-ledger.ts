import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import { numberTopic } from '@orlop/contracts/ethers/filter-topics'
import { LogScanner } from '@orlop/contracts/ethers/log-scanner'
import { SignerLogReader } from '@orlop/contracts/ethers/signer-log-reader'
import { decodeHex } from '@orlop/crypto/bytes'
import type { LedgerCallOptions } from '@orlop/protocol/ledger'
import type { EvidenceLedger } from './evidence-ledger.ts'

const BITS_IN_WORD = 256
/** Words of the bitmap that are kept: receipts of one node come in order of their numbers. */
const KEPT_WORDS = 1_024
const NO_ROOT = `0x${'0'.repeat(64)}`

/** Checks evidence over JSON-RPC: any full node of the chain serves, and no part of Orlop is asked. */
export class RpcEvidenceLedger extends EthersLedgerReader implements EvidenceLedger {
  readonly #words = new Map<string, bigint>()

  async batchRoot(batchId: number, options: LedgerCallOptions = {}): Promise<Uint8Array | null> {
    const root = await this.view(this.contracts.receipts, 'batchRoot', [batchId], options)
    return root === NO_ROOT ? null : decodeHex(root.slice(2))
  }

  async isRecorded(
    nodeId: number,
    sequence: number,
    options: LedgerCallOptions = {},
  ): Promise<boolean> {
    const word = await this.#word(nodeId, Math.floor(sequence / BITS_IN_WORD), options)
    return ((word >> BigInt(sequence % BITS_IN_WORD)) & 1n) === 1n
  }

  async signersAt(
    clientId: number,
    blockNumber: number,
    options: LedgerCallOptions = {},
  ): Promise<string[]> {
    const client = await this.client(clientId, options)
    if (client === null) return []
    const former = await this.formerSigners(clientId, options)
    const { contracts, deployment } = this
    const reader = new SignerLogReader({ contracts, scanner: new LogScanner(this.rpc) })
    const range = { fromBlock: deployment.fromBlock, toBlock: blockNumber }
    const formerThen = await reader.former(clientId, range, options)
    return [...former, client.signer].slice(0, formerThen.length + 1)
  }

  async nodeNameAt(
    nodeId: number,
    blockNumber: number,
    options: LedgerCallOptions = {},
  ): Promise<string | null> {
    await this.verify(options)
    const { registry } = this.contracts
    const kinds = (['NodeRegistered', 'NodeUpdated'] as const).map((kind) => registry.topicOf(kind))
    const query = {
      address: registry.address,
      topics: [kinds, numberTopic(nodeId)],
      fromBlock: this.deployment.fromBlock,
      toBlock: blockNumber,
    }
    const pages = new LogScanner(this.rpc).pages(query, { ...options, isNewestFirst: true })
    for await (const page of pages) {
      for (const log of page) {
        const event = registry.decodeLog(log)
        if (event?.name !== 'NodeRegistered' && event?.name !== 'NodeUpdated') continue
        return textOf(() => event.args.profile.name)
      }
    }
    return null
  }

  async #word(nodeId: number, word: number, options: LedgerCallOptions): Promise<bigint> {
    const key = `${nodeId}/${word}`
    const known = this.#words.get(key)
    if (known !== undefined) return known
    const found = await this.view(this.contracts.receipts, 'recordedWord', [nodeId, word], options)
    if (this.#words.size >= KEPT_WORDS) this.#words.clear()
    this.#words.set(key, BigInt(found))
    return BigInt(found)
  }
}

/** ethers gives a text only when it is read, and throws when its bytes are no UTF-8. */
function textOf(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

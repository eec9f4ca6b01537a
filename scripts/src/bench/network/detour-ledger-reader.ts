import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import type { LedgerCallOptions } from '@orlop/protocol/ledger'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { ClientSetup } from './client-job.ts'

/** Reads the ledger, and names other ports for nodes: those of the links in between. */
export class DetourLedgerReader extends EthersLedgerReader {
  readonly #detours: ClientSetup['detours']

  constructor({
    rpcUrl,
    deployment,
    detours,
  }: Pick<ClientSetup, 'rpcUrl' | 'deployment' | 'detours'>) {
    super({ rpcUrl, deployment })
    this.#detours = detours
  }

  override async nodes(options?: LedgerCallOptions): Promise<NodeRecord[]> {
    return (await super.nodes(options)).map((node) => this.#redirect(node))
  }

  override async node(nodeId: number, options?: LedgerCallOptions): Promise<NodeRecord | null> {
    const node = await super.node(nodeId, options)
    return node === null ? null : this.#redirect(node)
  }

  #redirect(node: NodeRecord): NodeRecord {
    const addresses = node.addresses.map((address) =>
      address.replace(/(?<=\/tcp\/)\d+/, (port) => String(this.#detours[port] ?? port)),
    )
    return { ...node, addresses }
  }
}

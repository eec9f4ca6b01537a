import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import type { LedgerCallOptions } from '@orlop/protocol/ledger'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { Network } from '@orlop/cli/network-file'

const TCP_PORT = /(?<=\/tcp\/)\d+/

/** TCP proxies before the nodes that break every connection each time so many bytes have gone towards the nodes. */
export class CuttingLink {
  readonly #everyBytes: number
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #detours = new Map<string, string>()
  #carriedBytes = 0
  #cuts = 0

  constructor(options: { readonly everyBytes: number }) {
    this.#everyBytes = options.everyBytes
  }

  get cuts(): number {
    return this.#cuts
  }

  /** Stands between the client and the nodes that `nodes` lists. */
  async join(nodes: readonly NodeRecord[]): Promise<void> {
    for (const { addresses } of nodes) {
      const port = TCP_PORT.exec(addresses[0] ?? '')?.[0] ?? ''
      this.#detours.set(port, await this.#listen(Number(port)))
    }
  }

  redirect(node: NodeRecord): NodeRecord {
    const addresses = node.addresses.map((address) =>
      address.replace(TCP_PORT, (port) => this.#detours.get(port) ?? port),
    )
    return { ...node, addresses }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    for (const server of this.#servers) {
      server.close()
      await once(server, 'close')
    }
  }

  async #listen(port: number): Promise<string> {
    const server = createServer((near) => this.#carry(near, connect(port, '127.0.0.1')))
    this.#servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return String((server.address() as AddressInfo).port)
  }

  #carry(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      // What ends one side, and be it an error, ends the other.
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    far.pipe(near)
    near.pipe(far)
    near.on('data', (bytes: Buffer) => this.#count(bytes.length))
  }

  #count(bytes: number): void {
    this.#carriedBytes += bytes
    if (this.#carriedBytes < this.#everyBytes) return
    this.#carriedBytes = 0
    this.#cuts += 1
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}

/** Reads the ledger, and names for every node the address of the link before it. */
export class RedirectedLedger extends EthersLedgerReader {
  readonly #link: CuttingLink

  constructor({ rpcUrl, deployment }: Network, link: CuttingLink) {
    super({ rpcUrl, deployment })
    this.#link = link
  }

  override async nodes(options?: LedgerCallOptions): Promise<NodeRecord[]> {
    return (await super.nodes(options)).map((node) => this.#link.redirect(node))
  }

  override async node(nodeId: number, options?: LedgerCallOptions): Promise<NodeRecord | null> {
    const node = await super.node(nodeId, options)
    return node === null ? null : this.#link.redirect(node)
  }
}

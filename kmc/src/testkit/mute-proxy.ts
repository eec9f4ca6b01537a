import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands before a server on loopback and can keep its answers back: what was asked is done, and nobody hears of it. */
export class MuteProxy {
  readonly #server: Server
  readonly #scheme: string
  readonly #sockets = new Set<Socket>()
  /** Whether answers are kept back from now on. */
  isMute = false

  private constructor(server: Server, scheme: string) {
    this.#server = server
    this.#scheme = scheme
  }

  static async before(url: string): Promise<MuteProxy> {
    const { hostname, port, protocol } = new URL(url)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new MuteProxy(server, protocol)
    server.on('connection', (client) => {
      proxy.#join(client, connect(Number(port), hostname))
    })
    return proxy
  }

  get url(): string {
    return `${this.#scheme}//127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks every connection; new ones are taken. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = once(this.#server.close(), 'close')
    this.drop()
    await closed
  }

  #join(client: Socket, server: Socket): void {
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => {
      if (!this.isMute) client.write(bytes)
    })
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => one.destroy())
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
  }
}

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { OrlopError } from '@orlop/protocol/errors'

/**
 * Passes connections on from the ledger's port to the EVM behind it. So the ledger answers only while the process that saves its
 * state lives: nobody can believe in blocks that nobody keeps.
 */
export class LoopbackRelay {
  readonly port: number
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server
    this.#sockets = sockets
    this.port = port
  }

  /**
   * @param port - on 127.0.0.1; 0 = a free one.
   * @throws OrlopError `LEDGER_UNREACHABLE` when the port cannot be had.
   */
  static async start(port: number, targetPort: number): Promise<LoopbackRelay> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      join(socket, connect(targetPort, '127.0.0.1'), sockets)
    })
    server.listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new OrlopError(
        'LEDGER_UNREACHABLE',
        `The ledger cannot serve on port ${port} of 127.0.0.1. Stop the program that uses it, or choose another port.`,
        { cause },
      )
    }
    const address = server.address()
    const taken = typeof address === 'object' && address !== null ? address.port : port
    return new LoopbackRelay(server, sockets, taken)
  }

  /** Cuts every connection and takes no more. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

/** Ties two sockets together: what one says the other hears, and they end together. */
function join(left: Socket, right: Socket, sockets: Set<Socket>): void {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    from.pipe(to)
  }
}

import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'

export interface BreakingLinkOptions {
  /** TCP ports on 127.0.0.1 that are reached over this link. */
  readonly targetPorts: readonly number[]
  /** What all connections together may carry towards the targets; as much as they can when left out. */
  readonly bytesPerSecond?: number
  /** Every connection is cut this often, milliseconds. */
  readonly cutEveryMs?: number
  /** Every connection is cut each time they have carried so many bytes together towards the targets. */
  readonly cutEveryBytes?: number
}

/** A narrow link that breaks again and again: a TCP proxy for each target, with one bottleneck and one saboteur. */
export class BreakingLink {
  readonly #options: BreakingLinkOptions
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #detours: Record<string, number> = {}
  #timer: NodeJS.Timeout | null = null
  #carriedBytes = 0
  #sinceCutBytes = 0
  #cuts = 0
  /** When the bottleneck will have carried what it has taken so far. */
  #freeAtMs = 0

  private constructor(options: BreakingLinkOptions) {
    this.#options = options
  }

  static async start(options: BreakingLinkOptions): Promise<BreakingLink> {
    const link = new BreakingLink(options)
    for (const port of options.targetPorts) await link.#listen(port)
    if (options.cutEveryMs !== undefined) {
      link.#timer = setInterval(() => link.#cut(), options.cutEveryMs)
    }
    return link
  }

  /** For each target port the port that leads to it over this link. */
  get detours(): Readonly<Record<string, number>> {
    return this.#detours
  }

  /** Bytes taken from the clients' side. */
  get carriedBytes(): number {
    return this.#carriedBytes
  }

  /** How often a connection was there to be cut. */
  get cuts(): number {
    return this.#cuts
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(
      this.#servers.map((server) => new Promise((resolve) => server.close(resolve))),
    )
  }

  async #listen(targetPort: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (near) => {
      this.#join(near, connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true }))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    this.#servers.push(server)
    this.#detours[targetPort] = (server.address() as AddressInfo).port
  }

  #join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    // What fails here was cut, or ended by its owner: both ends hear of it above.
    pipeline(near, (bytes) => this.#throttle(bytes), far).catch(() => undefined)
    far.pipe(near)
  }

  async *#throttle(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const bytes of pieces) {
      this.#carriedBytes += bytes.length
      await this.#passBottleneck(bytes.length)
      yield bytes
      this.#cutAfter(bytes.length)
    }
  }

  async #passBottleneck(lengthBytes: number): Promise<void> {
    const { bytesPerSecond } = this.#options
    if (bytesPerSecond === undefined) return
    const nowMs = performance.now()
    const startMs = Math.max(nowMs, this.#freeAtMs)
    this.#freeAtMs = startMs + (lengthBytes / bytesPerSecond) * 1000
    await setTimeout(this.#freeAtMs - nowMs)
  }

  #cutAfter(lengthBytes: number): void {
    this.#sinceCutBytes += lengthBytes
    if (this.#sinceCutBytes < (this.#options.cutEveryBytes ?? Infinity)) return
    this.#sinceCutBytes = 0
    this.#cut()
  }

  #cut(): void {
    if (this.#sockets.size > 0) this.#cuts += 1
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}

import type { Socket } from 'node:net'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import type { WireBytes } from './transport.ts'

export interface SocketMeterOptions {
  clock: Clock
  /** A socket that receives nothing for this long is destroyed. */
  silentMs: number
}

interface Metered {
  receivedBytes: number
  sinceMs: number
}

/** Counts bytes at TCP sockets, and ends those whose other side has gone without a word. */
export class SocketMeter {
  readonly #options: SocketMeterOptions
  readonly #open = new Map<Socket, Metered>()
  #closedSentBytes = 0
  #closedReceivedBytes = 0
  #timer: NodeJS.Timeout | null = null

  constructor(options: SocketMeterOptions) {
    this.#options = options
  }

  get wireBytes(): WireBytes {
    let sentBytes = this.#closedSentBytes
    let receivedBytes = this.#closedReceivedBytes
    for (const socket of this.#open.keys()) {
      sentBytes += socket.bytesWritten
      receivedBytes += socket.bytesRead
    }
    return { sentBytes, receivedBytes }
  }

  add(socket: Socket): void {
    this.#open.set(socket, { receivedBytes: -1, sinceMs: this.#options.clock.monotonicMs() })
    socket.once('close', () => {
      if (!this.#open.delete(socket)) return
      this.#closedSentBytes += socket.bytesWritten
      this.#closedReceivedBytes += socket.bytesRead
    })
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.endSilent()
    }, this.#options.silentMs / 4)
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Ends the sockets that have received nothing for too long: keep-alive answers would have come. */
  endSilent(): void {
    const nowMs = this.#options.clock.monotonicMs()
    for (const [socket, seen] of this.#open) {
      if (socket.bytesRead !== seen.receivedBytes) {
        seen.receivedBytes = socket.bytesRead
        seen.sinceMs = nowMs
      } else if (nowMs - seen.sinceMs >= this.#options.silentMs) {
        socket.destroy(
          new OrlopError('NODE_UNREACHABLE', 'The other side has been silent for too long.'),
        )
      }
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { MessagePortStream } from '@orlop/transport/relay/message-port-stream'
import { ByteRate } from './byte-rate.ts'

/** What a WebSocket's own ping costs of the allowance; browsers send none. */
const PING_COST_BYTES = 16 * 1024
/** RFC 6455 section 7.4.1. */
const CLOSE_NORMAL = 1000
/** Time to answer a close. */
const CLOSE_GRACE_MS = 1_000

export interface WebSocketPortOptions {
  socket: WebSocket
  silentMs: number
  maxBytesPerSecond: number
  clock: Clock
}

/** An accepted WebSocket as a stream of bytes; it is read no faster than allowed. */
export function streamOverSocket(options: WebSocketPortOptions): MessagePortStream {
  const { socket, clock } = options
  const rate = new ByteRate(options.maxBytesPerSecond, clock)
  const stream = new MessagePortStream({
    port: {
      get bufferedBytes() {
        return socket.bufferedAmount
      },
      send: (message) => {
        socket.send(message)
      },
      end: (how) => {
        if (how === 'failed') {
          socket.terminate()
          return
        }
        socket.close(CLOSE_NORMAL)
        setTimeout(() => {
          socket.terminate()
        }, CLOSE_GRACE_MS).unref()
      },
    },
    direction: 'inbound',
    silentMs: options.silentMs,
    clock,
  })
  const spend = (bytes: number) => {
    const waitMs = rate.take(bytes)
    if (waitMs > 0) void pause(socket, waitMs)
  }
  socket.on('message', (data, isBinary) => {
    if (!isBinary || !(data instanceof Buffer)) {
      stream.abort(new OrlopError('MALFORMED_MESSAGE', 'A browser sent text for bytes.'))
      return
    }
    spend(data.length)
    stream.take(data)
  })
  socket.on('ping', () => {
    spend(PING_COST_BYTES)
  })
  socket.on('close', () => {
    stream.ended()
  })
  socket.on('error', (error) => {
    stream.abort(error)
  })
  return stream
}

async function pause(socket: WebSocket, waitMs: number): Promise<void> {
  if (socket.isPaused) return
  socket.pause()
  await sleep(waitMs, undefined, { ref: false })
  socket.resume()
}

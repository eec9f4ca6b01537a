import type { Clock } from '@orlop/protocol/clock'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import type { TransportLimits } from '../transport-limits.ts'
import { MessagePortStream } from './message-port-stream.ts'
import { RELAY_PATH } from './relay-frames.ts'

/** "Normal closure" and the first code for applications (RFC 6455 section 7.4); browsers may send no others. */
const CLOSE_DONE = 1000
const CLOSE_FAILED = 4000

/**
 * Where the relay of a gateway is.
 *
 * @param gatewayUrl - `https://…`, `http://…`, `wss://…` or `ws://…`; a path in it, ending in `/`, is kept before the relay's own.
 * @throws OrlopError `CONFIG_INVALID`.
 */
export function relayUrlOf(gatewayUrl: string): string {
  const url = URL.parse(`.${RELAY_PATH}`, gatewayUrl)
  const scheme = url === null ? null : SCHEMES[url.protocol]
  if (url === null || scheme === undefined || scheme === null) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `'${gatewayUrl.slice(0, 256)}' is no address of a gateway. Give one such as https://gateway.example/.`,
    )
  }
  url.protocol = scheme
  return url.href
}

const SCHEMES: Readonly<Record<string, string>> = {
  'https:': 'wss:',
  'http:': 'ws:',
  'wss:': 'wss:',
  'ws:': 'ws:',
}

export interface OpenWebSocketOptions {
  url: string
  limits: TransportLimits
  clock: Clock
  signal: AbortSignal
}

/**
 * Opens a WebSocket with the global class of browsers and Node.
 *
 * @throws OrlopError `NODE_UNREACHABLE`, `ABORTED`.
 */
export async function openWebSocket(options: OpenWebSocketOptions): Promise<MessagePortStream> {
  const { url, limits, signal } = options
  throwIfAborted(signal, 'Connecting')
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  const stream = streamOver(socket, options)
  const opened = Promise.withResolvers<undefined>()
  const fail = () => {
    throwOr(opened.reject, signal, url)
  }
  socket.addEventListener('open', () => {
    opened.resolve(undefined)
  })
  stream.addEventListener('close', fail)
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(limits.dialTimeoutMs)])
  deadline.addEventListener('abort', fail)
  try {
    await opened.promise
    return stream
  } catch (error) {
    socket.close()
    throw error
  } finally {
    deadline.removeEventListener('abort', fail)
    stream.removeEventListener('close', fail)
  }
}

function streamOver(socket: WebSocket, options: OpenWebSocketOptions): MessagePortStream {
  const { limits, clock } = options
  const stream = new MessagePortStream({
    port: {
      get bufferedBytes() {
        return socket.bufferedAmount
      },
      send: (message) => {
        socket.send(message)
      },
      end: (how) => {
        socket.close(how === 'done' ? CLOSE_DONE : CLOSE_FAILED)
      },
    },
    direction: 'outbound',
    silentMs: limits.silentPeerMs,
    clock,
  })
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) stream.take(new Uint8Array(data))
    else stream.abort(new OrlopError('MALFORMED_MESSAGE', 'The relay sent text for bytes.'))
  })
  socket.addEventListener('close', () => {
    stream.ended()
  })
  return stream
}

function throwOr(reject: (error: unknown) => void, signal: AbortSignal, url: string): void {
  try {
    throwIfAborted(signal, 'Connecting')
  } catch (aborted) {
    reject(aborted)
    return
  }
  reject(
    new OrlopError(
      'NODE_UNREACHABLE',
      `The relay at ${url} could not be reached, or has no room. Check the address, or try again later.`,
    ),
  )
}

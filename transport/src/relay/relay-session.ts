import type { Stream, StreamMuxer } from '@libp2p/interface'
import type * as z from 'zod'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { decodeFrame, encodeFrame } from '@orlop/protocol/wire/frame'
import { boundedYamux } from '../bounded-yamux.ts'
import { asConnectionFailure } from '../failures.ts'
import { Libp2pStream } from '../libp2p-stream.ts'
import type { RawStream } from '../raw-connection.ts'
import type { TransportLimits } from '../transport-limits.ts'
import type { CallOptions, WireBytes } from '../transport.ts'
import type { MessagePortStream } from './message-port-stream.ts'
import { openWebSocket } from './open-web-socket.ts'
import { MAX_RELAY_WINDOW_BYTES, type RelayRequest, relaySessionFrame } from './relay-frames.ts'

export interface RelaySessionOptions {
  url: string
  limits: TransportLimits
  clock: Clock
}

/** A stream that the gateway has answered. */
export interface RelayedStream<Answer> {
  readonly answer: Answer
  readonly frames: RawStream
  /** Calls back once when the stream has ended. */
  onClose(callback: () => void): void
}

interface Parts {
  url: string
  wire: MessagePortStream
  muxer: StreamMuxer
  limits: TransportLimits
}

/** One WebSocket to a gateway, divided into streams, each opened by a request to the gateway. */
export class RelaySession {
  readonly #parts: Parts
  #peerId = ''

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws OrlopError `NODE_UNREACHABLE`, `ABORTED`, `MALFORMED_MESSAGE`. */
  static async open(options: RelaySessionOptions, signal: AbortSignal): Promise<RelaySession> {
    const { url, limits } = options
    const wire = await openWebSocket({ ...options, signal })
    const muxer = boundedYamux({ ...limits, maxStreamWindowBytes: MAX_RELAY_WINDOW_BYTES })()
    const session = new RelaySession({ url, wire, limits, muxer: muxer.createStreamMuxer(wire) })
    try {
      const { answer, frames } = await session.request({ session: {} }, relaySessionFrame, {
        signal,
      })
      session.#peerId = answer.session.peerId
      await frames.close()
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  /** The peer id under which the gateway dials for this session. */
  get peerId(): string {
    return this.#peerId
  }

  get isOpen(): boolean {
    return this.#parts.wire.status === 'open' && this.#parts.muxer.status === 'open'
  }

  get wireBytes(): WireBytes {
    return this.#parts.wire.wireBytes
  }

  /**
   * Opens a stream and sends what it is for.
   *
   * @throws RemoteError with the gateway's code when it refuses; OrlopError `NODE_UNREACHABLE`, `ABORTED`, `MALFORMED_MESSAGE`.
   */
  async request<Answer>(
    request: RelayRequest,
    schema: z.ZodType<Answer>,
    options: CallOptions = {},
  ): Promise<RelayedStream<Answer>> {
    const { limits, url } = this.#parts
    const deadline = AbortSignal.timeout(limits.openTimeoutMs)
    const signal =
      options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal])
    const stream = await this.#createStream(signal, options.signal)
    const frames = new Libp2pStream({
      stream,
      peerId: `the relay at ${url}`,
      limits,
      inbound: false,
    })
    try {
      await frames.send(encodeFrame(request), { signal })
      const frame = await frames.receive({ signal })
      if (frame === null) throw unanswered(url)
      const answer = decodeFrame(schema, frame)
      return {
        answer,
        frames,
        onClose: (callback) => {
          if (stream.status === 'open') stream.addEventListener('close', callback)
          else callback()
        },
      }
    } catch (cause) {
      const gaveUp = deadline.aborted && options.signal?.aborted !== true
      const failure = gaveUp ? unanswered(url) : cause
      frames.abort(failure instanceof Error ? failure : unanswered(url))
      throw failure
    }
  }

  async close(): Promise<void> {
    const { muxer, wire } = this.#parts
    muxer.abort(new Error('the session is closed'))
    await wire.close()
  }

  async #createStream(signal: AbortSignal, callerSignal?: AbortSignal): Promise<Stream> {
    try {
      return await this.#parts.muxer.createStream({ signal })
    } catch (cause) {
      throw asConnectionFailure(cause, {
        peerId: `the relay at ${this.#parts.url}`,
        what: 'did not open a stream',
        signal: callerSignal,
      })
    }
  }
}

function unanswered(url: string): OrlopError {
  return new OrlopError(
    'NODE_UNREACHABLE',
    `The relay at ${url} gave no answer. Try again, or another gateway.`,
  )
}

import { logger } from '@libp2p/logger'
import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import type { Uint8ArrayList } from 'uint8arraylist'
import { type Timer, unrefTimer } from '../timers.ts'
import type { WireBytes } from '../transport.ts'
import { MAX_RELAY_MESSAGE_BYTES, MAX_RELAY_WINDOW_BYTES } from './relay-frames.ts'

/** Bytes handed to the socket and not sent yet: above the first writers wait, below the second they go on. */
const HIGH_WATER_BYTES = 1024 * 1024
const LOW_WATER_BYTES = 256 * 1024
/**
 * Most bytes that wait here while the socket is full. The muxer stops its streams then, after the frame under way; answers to pings and the
 * like still come, and a peer that asks for ever more of them and reads none is given up.
 */
const MAX_WAITING_BYTES = 4 * MAX_RELAY_WINDOW_BYTES
/** WebSockets do not say when there is room again; browsers and Node are asked this often. */
const ROOM_POLL_MS = 5

/** The sending half of an open WebSocket, whichever kind. */
export interface MessagePort {
  /** Bytes given to {@link MessagePort.send} that the system has not taken yet. */
  readonly bufferedBytes: number
  send(message: Uint8Array): void
  /** Ends the connection; `failed` after something went wrong. */
  end(how: 'done' | 'failed'): void
}

export interface MessagePortStreamOptions {
  port: MessagePort
  /** The side that opened the WebSocket is `outbound`. */
  direction: 'inbound' | 'outbound'
  /** A connection that brings nothing for this long is given up. */
  silentMs: number
  clock: Clock
}

/** A WebSocket as one stream of bytes, for a muxer to divide. */
export class MessagePortStream extends AbstractMessageStream {
  readonly wireBytes: WireBytes = { sentBytes: 0, receivedBytes: 0 }
  readonly #port: MessagePort
  readonly #clock: Clock
  readonly #watch: Timer
  #heardMs: number
  #room: Timer | null = null

  constructor(options: MessagePortStreamOptions) {
    super({
      log: logger('orlop:relay'),
      direction: options.direction,
      maxMessageSize: MAX_RELAY_MESSAGE_BYTES,
      maxWriteBufferLength: MAX_WAITING_BYTES,
    })
    this.#port = options.port
    this.#clock = options.clock
    this.#heardMs = options.clock.monotonicMs()
    this.#watch = setInterval(() => {
      if (this.#clock.monotonicMs() - this.#heardMs >= options.silentMs) this.abort(silent())
    }, options.silentMs / 4)
    unrefTimer(this.#watch)
    this.addEventListener('close', () => {
      clearInterval(this.#watch)
      if (this.#room !== null) clearInterval(this.#room)
    })
  }

  /** Takes in one binary message. */
  take(message: Uint8Array): void {
    this.#heardMs = this.#clock.monotonicMs()
    this.wireBytes.receivedBytes += framedBytes(message.length, this.direction === 'inbound')
    this.onData(message)
  }

  /** The socket is closed. */
  ended(): void {
    this.onTransportClosed()
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const message = data.subarray()
    this.#port.send(message)
    this.wireBytes.sentBytes += framedBytes(message.length, this.direction === 'outbound')
    const canSendMore = this.#port.bufferedBytes <= HIGH_WATER_BYTES
    if (!canSendMore) this.#awaitRoom()
    return { sentBytes: message.length, canSendMore }
  }

  override sendReset(): void {
    this.#port.end('failed')
  }

  /** A WebSocket cannot be held back from here; the muxer's windows do that for each stream. */
  override sendPause(): void {
    return
  }

  override sendResume(): void {
    return
  }

  override close(): Promise<void> {
    if (this.status === 'open') {
      this.#port.end('done')
      this.onTransportClosed()
    }
    return Promise.resolve()
  }

  #awaitRoom(): void {
    this.#room ??= setInterval(() => {
      if (this.#port.bufferedBytes > LOW_WATER_BYTES) return
      if (this.#room !== null) clearInterval(this.#room)
      this.#room = null
      this.safeDispatchEvent('drain')
    }, ROOM_POLL_MS)
  }
}

function silent(): OrlopError {
  return new OrlopError('NODE_UNREACHABLE', 'The other side has been silent for too long.')
}

/** A message with its head (RFC 6455 section 5.2); only what clients send is masked. */
function framedBytes(payloadBytes: number, isMasked: boolean): number {
  const lengthBytes = payloadBytes > 0xffff ? 8 : payloadBytes > 125 ? 2 : 0
  return 2 + lengthBytes + (isMasked ? 4 : 0) + payloadBytes
}

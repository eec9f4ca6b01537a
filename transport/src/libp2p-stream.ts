import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { Uint8ArrayList } from 'uint8arraylist'
import { ChangeSignal } from './change-signal.ts'
import { asConnectionFailure, peerTooSlow } from './failures.ts'
import { FrameDecoder, framePrefix, lengthOf, piecesOf } from './frame-codec.ts'
import type { RawStream } from './raw-connection.ts'
import { SlowPeerGuard } from './slow-peer-guard.ts'
import { type Timer, unrefTimer } from './timers.ts'
import type { TransportLimits } from './transport-limits.ts'
import type { CallOptions, Frame } from './transport.ts'

/** Received bytes that wait for the reader before the sender is held back. */
const READ_AHEAD_BYTES = 512 * 1024
/** Unsent bytes that wait for the connection before our sender is held back. */
const WRITE_AHEAD_BYTES = 256 * 1024

export interface Libp2pStreamOptions {
  stream: Stream
  peerId: string
  limits: TransportLimits
  /** Opened by the other side: it owes us a first frame. */
  inbound: boolean
}

/**
 * Frames over one libp2p stream, with back-pressure in both directions. `lpStream` of `@libp2p/utils` is not used because it resets
 * a stream whose reader is slower than its writer, where this one stops granting window to the writer.
 */
export class Libp2pStream implements RawStream {
  readonly #stream: Stream
  readonly #peerId: string
  readonly #limits: TransportLimits
  readonly #decoder = new FrameDecoder()
  readonly #changed = new ChangeSignal()
  readonly #guard: SlowPeerGuard
  #owesFirstFrame: boolean
  #receivedBytes = 0
  #receivedFrames = 0
  #sentBytes = 0
  /** The other side ended its writing in good order. */
  #ended: boolean
  #failure: OrlopError | null = null
  #closing = false
  #resuming = false
  #linger: Timer | null = null

  constructor({ stream, peerId, limits, inbound }: Libp2pStreamOptions) {
    this.#stream = stream
    this.#peerId = peerId
    this.#limits = limits
    this.#owesFirstFrame = inbound
    this.#ended = stream.status === 'open' && stream.remoteWriteStatus === 'closed'
    this.#guard = new SlowPeerGuard({
      flows: [
        { frameUnderWay: () => this.#incomingFrame(), movedBytes: () => this.#receivedBytes },
        {
          frameUnderWay: () => (stream.writeBufferLength > 0 ? 0 : null),
          movedBytes: () => this.#sentBytes - stream.writeBufferLength,
        },
      ],
      minimumBytes: limits.slowPeerBytes,
      windowMs: limits.slowPeerWindowMs,
      onSlow: () => {
        this.abort(peerTooSlow(peerId, limits.slowPeerWindowMs))
      },
    })
    this.#listen()
  }

  async send(frame: Frame, options: CallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, 'Sending')
    this.#throwIfFailed()
    const bytes = new Uint8ArrayList(framePrefix(lengthOf(frame)), ...piecesOf(frame))
    try {
      this.#sentBytes += bytes.length
      this.#stream.send(bytes)
    } catch (cause) {
      throw this.#failWith(cause, 'was closed while sending')
    }
    while (this.#stream.writeBufferLength > WRITE_AHEAD_BYTES && this.#failure === null) {
      await this.#changed.wait(options.signal)
      throwIfAborted(options.signal, 'Sending')
    }
    this.#throwIfFailed()
  }

  async receive(options: CallOptions = {}): Promise<Uint8Array | null> {
    for (;;) {
      throwIfAborted(options.signal, 'Receiving')
      const frame = this.#nextFrame()
      if (frame !== null) return frame
      if (this.#ended && this.#stream.readBufferLength === 0) return this.#endOfStream()
      this.#throwIfFailed()
      await this.#changed.wait(options.signal)
    }
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#resume()
    if (this.#stream.status !== 'open') return
    try {
      await this.#stream.close({ signal: AbortSignal.timeout(this.#limits.closeTimeoutMs) })
    } catch (cause) {
      this.abort(this.#failWith(cause, 'could not be closed'))
      return
    }
    if (this.#stream.remoteWriteStatus === 'closed') return
    this.#linger = setTimeout(() => {
      this.#stream.abort(new Error('the other side did not close its half of the stream'))
    }, this.#limits.closeTimeoutMs)
    unrefTimer(this.#linger)
  }

  abort(error: Error): void {
    this.#failure ??= asConnectionFailure(error, { peerId: this.#peerId, what: 'was given up' })
    this.#stream.abort(error)
    this.#settle()
  }

  #listen(): void {
    this.#stream.addEventListener('message', (event: StreamMessageEvent) => {
      this.#onMessage(event)
    })
    this.#stream.addEventListener('remoteCloseWrite', () => {
      this.#ended = true
      this.#changed.notify()
    })
    for (const room of ['drain', 'idle'] as const) {
      this.#stream.addEventListener(room, () => {
        this.#changed.notify()
      })
    }
    this.#stream.addEventListener('close', (event: StreamCloseEvent) => {
      // A closed stream whose writer never said so was cut: what came before is no complete answer.
      if (event.error !== undefined || !this.#ended) this.#failWith(event.error, 'was cut')
      this.#settle()
    })
    if (this.#stream.status !== 'open') this.#failWith(undefined, 'was cut')
  }

  #onMessage(event: StreamMessageEvent): void {
    this.#receivedBytes += event.data.byteLength
    if (this.#closing) return
    try {
      const parts = event.data instanceof Uint8Array ? [event.data] : event.data
      for (const part of parts) this.#decoder.push(part)
    } catch (cause) {
      this.abort(this.#failWith(cause, 'broke the frame format'))
      return
    }
    this.#pauseIfAhead()
    this.#changed.notify()
  }

  #nextFrame(): Uint8Array | null {
    const frame = this.#decoder.next()
    if (frame !== null) {
      this.#owesFirstFrame = false
      this.#receivedFrames += 1
    }
    if (this.#decoder.pendingBytes < READ_AHEAD_BYTES || !this.#decoder.hasFrame) this.#resume()
    return frame ?? this.#decoder.next()
  }

  #endOfStream(): null {
    this.#owesFirstFrame = false
    if (this.#decoder.pendingBytes === 0) return null
    throw new OrlopError(
      'MALFORMED_MESSAGE',
      `${this.#peerId} ended a stream in the middle of a message. Open the stream again.`,
    )
  }

  #incomingFrame(): number | null {
    if (this.#ended || this.#closing || this.#decoder.hasFrame) return null
    return this.#owesFirstFrame || this.#decoder.pendingBytes > 0 ? this.#receivedFrames : null
  }

  #pauseIfAhead(): void {
    const isAhead = this.#decoder.hasFrame && this.#decoder.pendingBytes >= READ_AHEAD_BYTES
    if (isAhead && !this.#resuming && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return
    try {
      // Hands over what has arrived, then grants the sender a window. A pause in between would be lost at that grant: yamux would go
      // on granting while nothing is handed over, until its buffer overflows.
      this.#resuming = true
      this.#stream.resume()
      this.#resuming = false
      this.#pauseIfAhead()
    } catch (cause) {
      this.#resuming = false
      // Bytes that had arrived were handed over first; only the grant for more could not be sent.
      if (this.#stream.status === 'open') this.#failWith(cause, 'was cut')
    }
  }

  #failWith(cause: unknown, what: string): OrlopError {
    this.#failure ??= asConnectionFailure(cause, { peerId: this.#peerId, what })
    return this.#failure
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure
  }

  #settle(): void {
    this.#guard.stop()
    if (this.#linger !== null) clearTimeout(this.#linger)
    this.#changed.notify()
  }
}

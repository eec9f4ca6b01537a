import { concat } from '@orlop/crypto/bytes'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { ChangeSignal } from './change-signal.ts'
import { asConnectionFailure } from './failures.ts'
import { framedLength, lengthOf, piecesOf } from './frame-codec.ts'
import type { RawStream } from './raw-connection.ts'
import type { CallOptions, Frame } from './transport.ts'

/** Bytes on the way to a reader before the writer is held back. */
const IN_FLIGHT_BYTES = 1024 * 1024

/** Carries one frame of the memory network; see `MemoryNetwork`. @throws OrlopError when the frame does not get through. */
export type FrameCarrier = (frame: Uint8Array) => Promise<void>

class Half {
  readonly frames: Uint8Array[] = []
  readonly changed = new ChangeSignal()
  bytes = 0
  ended = false
  failure: OrlopError | null = null
}

export interface MemoryStreamOptions {
  remotePeerId: string
  carry: FrameCarrier
}

/** One end of a stream inside this process: frames are copied, ordered, and held back like on a real connection. */
export class MemoryStream implements RawStream {
  readonly #remotePeerId: string
  readonly #carry: FrameCarrier
  readonly #incoming = new Half()
  #outgoing = new Half()

  constructor(options: MemoryStreamOptions) {
    this.#remotePeerId = options.remotePeerId
    this.#carry = options.carry
  }

  /** Makes two ends read what the other wrote. */
  static join(one: MemoryStream, other: MemoryStream): void {
    one.#outgoing = other.#incoming
    other.#outgoing = one.#incoming
  }

  async send(frame: Frame, options: CallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, 'Sending')
    this.#throwIfFailed()
    if (this.#outgoing.ended) {
      throw new OrlopError('NODE_UNREACHABLE', 'The stream is closed. Open it again.')
    }
    const framedBytes = framedLength(lengthOf(frame))
    const copy = concat(...piecesOf(frame))
    await this.#carry(copy)
    this.#throwIfFailed()
    const half = this.#outgoing
    half.frames.push(copy)
    half.bytes += framedBytes
    half.changed.notify()
    while (half.bytes > IN_FLIGHT_BYTES && half.failure === null) {
      await half.changed.wait(options.signal)
      throwIfAborted(options.signal, 'Sending')
    }
    this.#throwIfFailed()
  }

  async receive(options: CallOptions = {}): Promise<Uint8Array | null> {
    const half = this.#incoming
    for (;;) {
      throwIfAborted(options.signal, 'Receiving')
      const frame = half.frames.shift()
      if (frame !== undefined) {
        half.bytes -= framedLength(frame.length)
        half.changed.notify()
        return frame
      }
      this.#throwIfFailed()
      if (half.ended) return null
      await half.changed.wait(options.signal)
    }
  }

  close(): Promise<void> {
    this.#outgoing.ended = true
    this.#outgoing.changed.notify()
    return Promise.resolve()
  }

  abort(error: Error): void {
    const context = { peerId: this.#remotePeerId, what: 'was cut' }
    const failure = asConnectionFailure(error, context)
    this.#fail(this.#incoming, failure)
    // The other side learns that it ended, not why: a reset carries no text.
    this.#fail(this.#outgoing, asConnectionFailure(undefined, context))
  }

  #fail(half: Half, failure: OrlopError): void {
    half.failure ??= failure
    half.changed.notify()
  }

  #throwIfFailed(): void {
    if (this.#incoming.failure !== null) throw this.#incoming.failure
  }
}

import { OrlopError } from '@orlop/protocol/errors'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { RawConnection, RawStream } from '../raw-connection.ts'
import type { CallOptions } from '../transport.ts'
import { relayDialledFrame, relayOpenedFrame } from './relay-frames.ts'
import type { RelayedStream, RelaySession } from './relay-session.ts'

interface Parts {
  session: RelaySession
  remotePeerId: string
  link: number
  control: RelayedStream<unknown>
}

/** A gateway's connection to a node, used from the browser. That the node is who it should be, hello shows. */
export class RelayConnection implements RawConnection {
  readonly remotePeerId: string
  readonly #parts: Parts
  readonly #streams = new Set<RawStream>()
  #isOpen = true
  /** Called once when the connection has ended. */
  onClose: () => void = () => undefined

  private constructor(parts: Parts) {
    this.remotePeerId = parts.remotePeerId
    this.#parts = parts
    parts.control.onClose(() => {
      this.abort(new OrlopError('NODE_UNREACHABLE', 'The connection to the node has ended.'))
    })
    void this.#watch()
  }

  /** Has the gateway dial a node. @throws OrlopError `NODE_UNREACHABLE`, `NOT_ADMITTED` for a peer that is no node, `PEER_LIMIT`. */
  static async dial(
    session: RelaySession,
    remotePeerId: string,
    options: CallOptions,
  ): Promise<RelayConnection> {
    const request = { dial: { peerId: remotePeerId } }
    const control = await session.request(request, relayDialledFrame, options)
    const { link } = control.answer.dialled
    return new RelayConnection({ session, remotePeerId, link, control })
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#parts.session.isOpen
  }

  async openStream(verb: Verb, options: CallOptions = {}): Promise<RawStream> {
    if (!this.isOpen) {
      const text = `The connection to ${this.remotePeerId} is closed. Dial again.`
      throw new OrlopError('NODE_UNREACHABLE', text)
    }
    const { session, link } = this.#parts
    const opened = await session.request({ open: { link, verb } }, relayOpenedFrame, options)
    const { frames } = opened
    this.#streams.add(frames)
    opened.onClose(() => {
      this.#streams.delete(frames)
    })
    return frames
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    const { frames } = this.#parts.control
    // Ended in good order, so that a last answer under way is not lost; the streams are not, for they may be in the middle.
    this.#end(new OrlopError('NODE_UNREACHABLE', 'The connection was closed.'))
    await frames.close()
  }

  abort(error: Error): void {
    if (!this.#isOpen) return
    this.#end(error)
    this.#parts.control.frames.abort(error)
  }

  #end(error: Error): void {
    this.#isOpen = false
    for (const stream of this.#streams) stream.abort(error)
    this.#streams.clear()
    this.onClose()
  }

  /** The gateway says nothing more on this stream; that it ends means that the connection to the node has. */
  async #watch(): Promise<void> {
    try {
      await this.#parts.control.frames.receive()
    } catch {
      // A cut stream ends the connection just as an ended one does.
    }
    this.abort(new OrlopError('NODE_UNREACHABLE', 'The connection to the node has ended.'))
  }
}

import type { Verb } from '@orlop/protocol/wire/frame'
import type { RawStream } from './raw-connection.ts'
import type { CallOptions, Frame, FrameChannel, PeerIdentity } from './transport.ts'

/** A stream of frames together with what it is for and who is at the other end. */
export class HostedChannel implements FrameChannel {
  readonly verb: Verb
  readonly peer: PeerIdentity
  readonly #stream: RawStream

  constructor(options: { verb: Verb; peer: PeerIdentity; stream: RawStream }) {
    this.verb = options.verb
    this.peer = options.peer
    this.#stream = options.stream
  }

  send(frame: Frame, options?: CallOptions): Promise<void> {
    return this.#stream.send(frame, options)
  }

  receive(options?: CallOptions): Promise<Uint8Array | null> {
    return this.#stream.receive(options)
  }

  close(): Promise<void> {
    return this.#stream.close()
  }

  abort(error: Error): void {
    this.#stream.abort(error)
  }
}

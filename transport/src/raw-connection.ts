import type { Startable } from '@orlop/protocol/lifecycle'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { CallOptions, FrameChannel, PeerAddress } from './transport.ts'

/** A stream of frames before anybody knows who is at the other end. */
export type RawStream = Pick<FrameChannel, 'send' | 'receive' | 'close' | 'abort'>

/** A connection before hello: its other end has proven a peer id and nothing else. */
export interface RawConnection {
  readonly remotePeerId: string
  readonly isOpen: boolean
  openStream(verb: Verb, options?: CallOptions): Promise<RawStream>
  close(): Promise<void>
  abort(error: Error): void
}

export interface RawDialOptions extends CallOptions {
  /** Called once when the connection has ended, whoever ended it. */
  onClose: () => void
}

/** Opens connections under a peer id of its own and leaves hello to whoever uses them. */
export interface RawDialer extends Startable {
  readonly peerId: string
  /** @throws OrlopError `NODE_UNREACHABLE`, `ABORTED`. */
  dial(address: PeerAddress, options: RawDialOptions): Promise<RawConnection>
}

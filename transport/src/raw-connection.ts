import type { Verb } from '@orlop/protocol/wire/frame'
import type { CallOptions, FrameChannel } from './transport.ts'

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

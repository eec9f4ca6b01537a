import type { Startable } from '@orlop/protocol/lifecycle'
import type { HelloRole } from '@orlop/protocol/messages/identity'
import type { Verb } from '@orlop/protocol/wire/frame'

export interface CallOptions {
  signal?: AbortSignal
}

/** Where a node is reached: its libp2p peer id and multiaddrs, as the registry says. */
export interface PeerAddress {
  peerId: string
  addresses: string[]
}

/** Who is at the other end, proven by both sides' signed hello. */
export interface PeerIdentity {
  role: HelloRole
  /** clientId or nodeId; 0 for a guest. */
  id: number
  /** The EIP-55 ledger address that signed the hello. */
  account: string
  peerId: string
}

/** One frame's bytes, whole or in pieces that follow each other. Whoever sends it does not write to them afterwards. */
export type Frame = Uint8Array | readonly Uint8Array[]

/** One stream: whole frames in order, both ways, with back-pressure. */
export interface FrameChannel {
  readonly verb: Verb
  readonly peer: PeerIdentity
  /** Resolves when the frame is handed to the connection and there is room for the next one. */
  send(frame: Frame, options?: CallOptions): Promise<void>
  /** The next frame, in memory of its own; null when the other side has ended its writing. @throws OrlopError `PEER_TOO_SLOW`, `MESSAGE_TOO_LARGE`, `NODE_UNREACHABLE`. */
  receive(options?: CallOptions): Promise<Uint8Array | null>
  /** Ends both directions in good order, after what was sent has left. */
  close(): Promise<void>
  /** Ends at once; the other side sees a failure. */
  abort(error: Error): void
}

/** A connection after hello. */
export interface Peer {
  readonly identity: PeerIdentity
  /** Measured at hello by the side that dialled, milliseconds; 0 at the other side. */
  readonly roundTripMs: number
  /** The other side's clock minus ours at hello, milliseconds, half a round trip uncertain. Never fatal here. */
  readonly clockSkewMs: number
  readonly isOpen: boolean
  open(verb: Verb, options?: CallOptions): Promise<FrameChannel>
  close(): Promise<void>
}

/** Bytes counted at the socket: handshakes, framing and repeated application bytes included. */
export interface WireBytes {
  sentBytes: number
  receivedBytes: number
}

/** Serves one verb. What it throws is sent to the peer as an error frame and the stream ends. */
export type ChannelHandler = (channel: FrameChannel) => Promise<void>

export interface Transport extends Startable {
  readonly peerId: string
  /** Multiaddrs others can dial; empty when not listening. */
  readonly addresses: string[]
  readonly wireBytes: WireBytes
  /** Connects and says hello, or gives the open connection to that peer. @throws OrlopError `NODE_UNREACHABLE`, `NOT_ADMITTED`, `LEDGER_MISMATCH`, `SIGNATURE_INVALID`. */
  dial(address: PeerAddress, options?: CallOptions): Promise<Peer>
  /** Registers the handler of one verb, before `start`. */
  handle(verb: Verb, handler: ChannelHandler): void
}

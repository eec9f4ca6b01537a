import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { encodeDataFrame } from '@orlop/protocol/wire/data-frame'
import { decodeFrame, encodeFrame, type Verb } from '@orlop/protocol/wire/frame'
import type { FrameChannel, Peer, PeerAddress, Transport } from '@orlop/transport/transport'
import type * as z from 'zod'
import type { EvidenceStore } from '../home/evidence-store.ts'
import { timedSignal } from './timed-signal.ts'

export interface NetworkOptions {
  readonly signal?: AbortSignal
}

export interface NodeNetworkDependencies {
  readonly transport: Transport
  readonly evidence: EvidenceStore
  readonly clock: Clock
  /** Longest wait for one answer, milliseconds. */
  readonly callTimeoutMs: number
}

/** What one exchange of one frame each way needs. */
export interface NodeCall<T> {
  readonly verb: Verb
  readonly request: object
  readonly answer: z.ZodType<T>
}

/** A channel to a node whose frames are encoded and checked. */
export interface NodeChannel {
  readonly node: NodeRecord
  /** @returns bytes of the frame. */
  send(value: object): Promise<number>
  /** Sends bytes of a stream as a data frame, without copying them: they are not written to afterwards. */
  sendData(data: Uint8Array): Promise<number>
  /** The next frame as `schema` says; null at the end. @throws RemoteError when the node reports a failure. */
  receive<T>(schema: z.ZodType<T>): Promise<T | null>
  close(): Promise<void>
  abort(error: Error): void
}

/** The nodes as this client talks to them: every connection is checked against the ledger's account, every answer against its form. */
export class NodeNetwork {
  readonly #deps: NodeNetworkDependencies
  readonly #peers = new Map<number, Peer>()
  /** Every connection that was made, those by address alone included. */
  readonly #dialled = new Set<Peer>()

  constructor(dependencies: NodeNetworkDependencies) {
    this.#deps = dependencies
  }

  get transport(): Transport {
    return this.#deps.transport
  }

  /** Nodes with an open connection. */
  get connectedNodeIds(): number[] {
    return [...this.#peers].filter(([, peer]) => peer.isOpen).map(([nodeId]) => nodeId)
  }

  /**
   * Connects to a node, or gives the open connection.
   *
   * @throws OrlopError `NODE_UNREACHABLE`, and `SIGNATURE_INVALID` when who answers there is not the node the ledger names.
   */
  async connect(node: NodeRecord, options: NetworkOptions = {}): Promise<Peer> {
    const open = this.#peers.get(node.nodeId)
    if (open?.isOpen === true) return open
    const { evidence } = this.#deps
    try {
      const peer = await this.dial({ peerId: node.peerId, addresses: node.addresses }, options)
      assertIsNode(peer, node)
      this.#peers.set(node.nodeId, peer)
      await evidence.answered(node.nodeId, peer.roundTripMs)
      return peer
    } catch (error) {
      if (isOrlopError(error) && error.isRetryable && options.signal?.aborted !== true) {
        await evidence.failed(node.nodeId)
      }
      throw error
    }
  }

  /** Connects by address alone, before the ledger is known. */
  async dial(address: PeerAddress, options: NetworkOptions = {}): Promise<Peer> {
    const { callTimeoutMs, transport } = this.#deps
    const timed = timedSignal(options.signal, callTimeoutMs, 'Connecting to a node')
    try {
      const peer = await transport.dial(address, { signal: timed.signal })
      for (const one of this.#dialled) if (!one.isOpen) this.#dialled.delete(one)
      this.#dialled.add(peer)
      return peer
    } finally {
      timed.dispose()
    }
  }

  /** Opens a stream to a node, connecting first where needed. */
  async open(node: NodeRecord, verb: Verb, options: NetworkOptions = {}): Promise<NodeChannel> {
    const peer = await this.connect(node, options)
    const channel = await peer.open(verb, options)
    return checkedChannel(node, channel, options)
  }

  /**
   * Asks a node one thing.
   *
   * @throws RemoteError with the node's own code; OrlopError `NODE_UNREACHABLE`, `TIMEOUT`, `MALFORMED_MESSAGE`.
   */
  async call<T>(node: NodeRecord, call: NodeCall<T>, options: NetworkOptions = {}): Promise<T> {
    const peer = await this.connect(node, options)
    return this.callPeer(peer, call, { ...options, nodeId: node.nodeId })
  }

  /** Asks whoever is at the other end of a connection. */
  async callPeer<T>(
    peer: Peer,
    call: NodeCall<T>,
    options: NetworkOptions & { readonly nodeId?: number } = {},
  ): Promise<T> {
    const nodeId = options.nodeId ?? peer.identity.id
    const what = `Asking node ${nodeId} (${call.verb})`
    const timed = timedSignal(options.signal, this.#deps.callTimeoutMs, what)
    const { signal } = timed
    let channel: FrameChannel | null = null
    try {
      channel = await peer.open(call.verb, { signal })
      await channel.send(encodeFrame(call.request), { signal })
      const frame = await channel.receive({ signal })
      if (frame === null) throw endedEarly(nodeId, call.verb)
      const answer = decodeFrame(call.answer, frame, nodeId)
      await channel.close()
      return answer
    } catch (error) {
      channel?.abort(error instanceof Error ? error : new Error('stopped'))
      throw error
    } finally {
      timed.dispose()
    }
  }

  /** Closes every connection; later calls connect anew. */
  async disconnect(): Promise<void> {
    const peers = [...this.#dialled]
    this.#peers.clear()
    this.#dialled.clear()
    await Promise.allSettled(peers.map((peer) => peer.close()))
  }
}

/** The error of a stream that ends where an answer is due. */
export function endedEarly(nodeId: number, verb: Verb): OrlopError {
  return new OrlopError(
    'NODE_UNREACHABLE',
    `Node ${nodeId} ended the ${verb} stream before it answered. Try again.`,
    { details: { nodeId } },
  )
}

function checkedChannel(
  node: NodeRecord,
  channel: FrameChannel,
  options: NetworkOptions,
): NodeChannel {
  return {
    node,
    async send(value) {
      const frame = encodeFrame(value)
      await channel.send(frame, options)
      return frame.length
    },
    async sendData(data) {
      const [head, body] = encodeDataFrame(data)
      await channel.send([head, body], options)
      return head.length + body.length
    },
    async receive(schema) {
      const frame = await channel.receive(options)
      return frame === null ? null : decodeFrame(schema, frame, node.nodeId)
    },
    close: () => channel.close(),
    abort: (error) => channel.abort(error),
  }
}

function assertIsNode(peer: Peer, node: NodeRecord): void {
  const { role, id, account } = peer.identity
  const isExpected =
    role === 'node' && id === node.nodeId && account.toLowerCase() === node.account.toLowerCase()
  if (isExpected) return
  throw new OrlopError(
    'SIGNATURE_INVALID',
    `At the address of node ${node.name} answers ${role} ${id} with account ${account}, not the node's ${node.account}. Do not use it; ask the node's operator.`,
    { details: { nodeId: node.nodeId } },
  )
}

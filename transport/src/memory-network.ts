import { OrlopError } from '@orlop/protocol/errors'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { PeerHost } from './peer-host.ts'
import { type FrameCarrier, MemoryStream } from './memory-stream.ts'
import { framedLength } from './frame-codec.ts'
import type { RawConnection } from './raw-connection.ts'

/** One frame on its way, as a test's hook sees it. */
export interface FrameInTransit {
  from: string
  to: string
  verb: Verb
  frame: Uint8Array
}

/** One side of the network, by peer id. */
export interface MemoryEndpoint {
  readonly peerId: string
  readonly host: Pick<PeerHost, 'welcome' | 'serve' | 'forget'>
  readonly listens: boolean
  count(direction: 'sent' | 'received', bytes: number): void
}

interface Link {
  readonly peerIds: readonly [string, string]
  readonly ends: readonly MemoryConnection[]
}

/** Peers inside one process that reach one another, and the faults a test puts between them. */
export class MemoryNetwork {
  readonly #endpoints = new Map<string, MemoryEndpoint>()
  readonly #links = new Set<Link>()
  readonly #cut = new Set<string>()
  readonly #budgets = new Map<string, number>()
  /** Awaited before each frame is delivered: a test delays, watches or (by throwing) loses it. */
  onFrame: (frame: FrameInTransit) => Promise<void> = () => Promise.resolve()

  attach(endpoint: MemoryEndpoint): void {
    this.#endpoints.set(endpoint.peerId, endpoint)
  }

  detach(peerId: string): void {
    this.#endpoints.delete(peerId)
    this.#breakLinks((link) => link.peerIds.includes(peerId))
  }

  /** Ends the connections between two peers at once, and refuses new ones until {@link mend}. */
  cut(onePeerId: string, otherPeerId: string): void {
    this.#cut.add(pairOf(onePeerId, otherPeerId))
    this.break(onePeerId, otherPeerId)
  }

  /** Lets two peers reach one another again. */
  mend(onePeerId: string, otherPeerId: string): void {
    this.#cut.delete(pairOf(onePeerId, otherPeerId))
  }

  /** Ends the connections between two peers at once; they may dial again. */
  break(onePeerId: string, otherPeerId: string): void {
    const pair = pairOf(onePeerId, otherPeerId)
    this.#breakLinks((link) => pairOf(...link.peerIds) === pair)
  }

  /** The connections between two peers break as soon as `from` has sent `to` this many more bytes. */
  breakAfter(from: string, to: string, bytes: number): void {
    this.#budgets.set(`${from}>${to}`, bytes)
  }

  /** @internal Used by the memory transport. */
  connect(from: MemoryEndpoint, toPeerId: string): RawConnection {
    const to = this.#endpoints.get(toPeerId)
    if (to?.listens !== true || this.#cut.has(pairOf(from.peerId, toPeerId))) {
      throw new OrlopError(
        'NODE_UNREACHABLE',
        `The connection to ${toPeerId} could not be opened. Try again, or another node.`,
      )
    }
    const near = new MemoryConnection(this, from, to)
    const far = new MemoryConnection(this, to, from)
    MemoryConnection.join(near, far)
    const link: Link = { peerIds: [from.peerId, to.peerId], ends: [near, far] }
    this.#links.add(link)
    near.onClose = far.onClose = () => {
      this.#links.delete(link)
      from.host.forget(near)
      to.host.forget(far)
    }
    to.host.welcome(far)
    return near
  }

  /** @internal Used by the memory transport. */
  async carry(from: MemoryEndpoint, to: MemoryEndpoint, sent: Omit<FrameInTransit, 'from' | 'to'>) {
    await this.onFrame({ from: from.peerId, to: to.peerId, ...sent })
    const bytes = framedLength(sent.frame.length)
    const key = `${from.peerId}>${to.peerId}`
    const budget = this.#budgets.get(key)
    if (budget !== undefined) {
      this.#budgets.set(key, budget - bytes)
      if (bytes > budget) {
        this.#budgets.delete(key)
        this.break(from.peerId, to.peerId)
        throw new OrlopError('NODE_UNREACHABLE', `The connection to ${to.peerId} was cut.`)
      }
    }
    from.count('sent', bytes)
    to.count('received', bytes)
  }

  #breakLinks(isMeant: (link: Link) => boolean): void {
    for (const link of [...this.#links]) {
      if (!isMeant(link)) continue
      for (const end of link.ends) end.abort(new Error('the test cut the connection'))
    }
  }
}

class MemoryConnection implements RawConnection {
  readonly remotePeerId: string
  readonly #network: MemoryNetwork
  readonly #local: MemoryEndpoint
  readonly #remote: MemoryEndpoint
  readonly #streams = new Set<MemoryStream>()
  #far: MemoryConnection | null = null
  #isOpen = true
  onClose: () => void = () => undefined

  constructor(network: MemoryNetwork, local: MemoryEndpoint, remote: MemoryEndpoint) {
    this.#network = network
    this.#local = local
    this.#remote = remote
    this.remotePeerId = remote.peerId
  }

  static join(near: MemoryConnection, far: MemoryConnection): void {
    near.#far = far
    far.#far = near
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  openStream(verb: Verb): Promise<MemoryStream> {
    const far = this.#far
    if (!this.#isOpen || far === null) {
      const text = `The connection to ${this.remotePeerId} is closed. Dial again.`
      return Promise.reject(new OrlopError('NODE_UNREACHABLE', text))
    }
    const near = this.#createStream(verb)
    const served = far.#createStream(verb)
    MemoryStream.join(near, served)
    void this.#remote.host.serve(far, verb, served)
    return Promise.resolve(near)
  }

  close(): Promise<void> {
    this.abort(new Error('the connection was closed'))
    return Promise.resolve()
  }

  abort(error: Error): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const stream of this.#streams) stream.abort(error)
    this.#streams.clear()
    this.#far?.abort(error)
    this.onClose()
  }

  #createStream(verb: Verb): MemoryStream {
    const carry: FrameCarrier = (frame) =>
      this.#network.carry(this.#local, this.#remote, { verb, frame })
    const stream = new MemoryStream({ remotePeerId: this.remotePeerId, carry })
    this.#streams.add(stream)
    return stream
  }
}

function pairOf(one: string, other: string): string {
  return [one, other].sort().join(' ')
}

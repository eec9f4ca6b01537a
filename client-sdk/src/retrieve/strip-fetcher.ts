import { equalConstantTime, freeMemory } from '@orlop/crypto/bytes'
import { isOrlopError, OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { fetchDownstream, fetchHead } from '@orlop/protocol/wire/fetch'
import pRetry, { AbortError } from 'p-retry'
import type { ClientContext } from '../context.ts'
import { endedEarly } from '../network/node-network.ts'
import { distrustNode } from '../rating/distrust-node.ts'
import { rateReceipt } from '../rating/rate-receipt.ts'
import type { ObjectView, StripHolder } from './object-view.ts'

/** How often all holders are tried in vain before the link is given up. */
const MAX_ROUNDS = 6

/** A piece of the sealed stream that came from one node; `end` is exclusive. */
interface Segment {
  readonly nodeId: number
  readonly start: number
  end: number
}

/** Fetches sealed bytes of one object from whichever of its nodes serves them, going on with the next where one fails. */
export class StripFetcher {
  readonly #context: ClientContext
  readonly #view: ObjectView
  readonly #rejected = new Map<number, string>()
  readonly #segments: Segment[] = []
  #order: StripHolder[] = []

  constructor(context: ClientContext, view: ObjectView) {
    this.#context = context
    this.#view = view
  }

  /** Nodes that gave something wrong, with what. */
  get rejected(): ReadonlyMap<number, string> {
    return this.#rejected
  }

  /** Whether a node is left that did nothing wrong. */
  get hasHolder(): boolean {
    return this.#view.holders.some(({ nodeId }) => !this.#rejected.has(nodeId))
  }

  /**
   * The sealed bytes of a range, in pieces. A piece's memory is gone once the next is asked for. The nodes have checked the bytes
   * against their trees; whoever does not trust them compares chunk tags or the root.
   *
   * @param range - in the sealed stream, bytes; `end` is exclusive.
   * @throws OrlopError `NODE_UNREACHABLE` when no node serves the range; `OBJECT_DAMAGED` when every one gave something wrong.
   */
  async *fetch(
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    let offset = range.start
    this.#segments.length = 0
    while (offset < range.end) {
      const before: number = offset
      for await (const data of this.#fetchFromSomeone({ start: offset, end: range.end }, signal)) {
        offset += data.length
        yield data
        freeMemory(data)
      }
      if (offset === before) throw this.#unreachable()
    }
  }

  /**
   * Blames the nodes that gave the bytes of a range: they are told apart from the others, marked, and not asked again for this
   * object.
   */
  async blame(start: number, end: number, reason: string): Promise<void> {
    const served = this.#segments.filter((segment) => segment.start < end && segment.end > start)
    const nodeIds = new Set(served.map(({ nodeId }) => nodeId))
    for (const nodeId of nodeIds) {
      this.#rejected.set(nodeId, reason)
      // Where two nodes gave parts of one chunk it is not known which was wrong: neither is marked for good.
      if (nodeIds.size === 1) await this.#mark(nodeId)
      const node = { nodeId, name: await this.#nameOf(nodeId) }
      const objectName = formatObjectId(this.#view.objectId)
      this.#context.events.emit({ type: 'damaged', objectName, node, reason })
    }
  }

  /** One node after the other, in rounds with pauses between, until somebody has given a first piece; then to that node's end. */
  async *#fetchFromSomeone(
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { minRetryMs, maxRetryMs } = this.#context.settings
    const begun = await pRetry(() => this.#beginRound(range, signal), {
      retries: MAX_ROUNDS - 1,
      minTimeout: minRetryMs,
      maxTimeout: maxRetryMs,
      randomize: true,
      signal,
    })
    yield begun.first
    try {
      yield* begun.rest
    } catch (error) {
      this.#passOver(begun.nodeId, error, signal)
    }
  }

  async #beginRound(range: { readonly start: number; readonly end: number }, signal: AbortSignal) {
    this.#order = this.#order.length > 0 ? this.#order : this.#preferred()
    for (const holder of this.#order.filter(({ nodeId }) => !this.#rejected.has(nodeId))) {
      const rest = this.#fetchFrom(holder, range, signal)
      try {
        const first = await rest.next()
        if (first.done !== true) return { nodeId: holder.nodeId, first: first.value, rest }
      } catch (error) {
        this.#passOver(holder.nodeId, error, signal)
      }
    }
    throw this.hasHolder ? this.#unreachable() : new AbortError(this.#unreachable())
  }

  async *#fetchFrom(
    holder: StripHolder,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { directory, network, home } = this.#context
    const { objectId, ownerId: clientId } = this.#view
    const node = await directory.byId(holder.nodeId, { signal })
    const channel = await network.open(node, 'fetch', { signal })
    let isDone = false
    try {
      const lengthBytes = range.end - range.start
      const key = { objectId, clientId, index: holder.index }
      await channel.send({ ...key, offsetBytes: range.start, lengthBytes })
      const head = await channel.receive(fetchHead)
      if (head === null) throw endedEarly(node.nodeId, 'fetch')
      this.#checkHead(head.stripBytes, head.commit.message.root, { holder, node })
      const segment: Segment = { nodeId: node.nodeId, start: range.start, end: range.start }
      this.#segments.push(segment)
      for (;;) {
        const frame = await channel.receive(fetchDownstream)
        if (frame === null) throw endedEarly(node.nodeId, 'fetch')
        if ('endBytes' in frame) break
        segment.end += frame.data.length
        if (segment.end > range.end) throw this.#wrong(node, 'more bytes than asked for')
        if (frame.data.length > 0) yield frame.data
      }
      if (segment.end < range.end) throw this.#wrong(node, 'fewer bytes than asked for')
      isDone = true
      await channel.close()
    } catch (error) {
      if (isOrlopError(error, 'NODE_UNREACHABLE')) await home.evidence.failed(node.nodeId)
      throw error
    } finally {
      if (!isDone) channel.abort(new Error('the reader wants no more'))
    }
  }

  #checkHead(
    stripBytes: number,
    root: Uint8Array,
    from: { readonly holder: StripHolder; readonly node: NodeRecord },
  ): void {
    const { holder, node } = from
    if (stripBytes !== this.#view.streamBytes) throw this.#wrong(node, 'a strip of another length')
    if (!equalConstantTime(root, holder.root)) throw this.#wrong(node, 'a strip of another root')
  }

  /** Connected nodes first, then the nearer ones; those that once sent wrong data last. */
  #preferred(): StripHolder[] {
    const connected = new Set(this.#context.network.connectedNodeIds)
    const nowMs = this.#context.home.clockOffset.nowMs()
    const rank = ({ nodeId }: StripHolder): number => {
      const evidence = this.#context.home.evidence.of(nodeId)
      const isDistrusted = evidence.distrustedUntilMs > nowMs
      const latencyMs = evidence.latencyMs ?? 1_000
      const far = connected.has(nodeId) ? 0 : 10_000
      return latencyMs + far + 1_000 * evidence.recentFailures + (isDistrusted ? 1e9 : 0)
    }
    return [...this.#view.holders].sort((left, right) => rank(left) - rank(right))
  }

  /** A node that fails goes to the end of the order; one that gave something wrong is out. */
  #passOver(nodeId: number, error: unknown, signal: AbortSignal): void {
    throwIfAborted(signal, 'Fetching')
    if (!isOrlopError(error)) throw error
    const isFault = error.code === 'STRIP_DAMAGED' || error.code === 'MALFORMED_MESSAGE'
    if (isFault || error.code === 'SIGNATURE_INVALID') this.#rejected.set(nodeId, error.message)
    this.#order = [
      ...this.#order.filter((holder) => holder.nodeId !== nodeId),
      ...this.#order.filter((holder) => holder.nodeId === nodeId),
    ]
    const objectName = formatObjectId(this.#view.objectId)
    const node = { nodeId, name: `node ${nodeId}` }
    const type = this.#rejected.has(nodeId) ? 'damaged' : 'unreachable'
    this.#context.events.emit({ type, objectName, node, reason: error.message })
  }

  /** A node that gave wrong data gets nothing new for a while, and the worst rating for an own object's receipt. */
  async #mark(nodeId: number): Promise<void> {
    await distrustNode(this.#context, nodeId)
    const holder = this.#view.holders.find((one) => one.nodeId === nodeId)
    if (holder === undefined || this.#view.ownerId !== this.#context.identity.record?.clientId)
      return
    await rateReceipt(this.#context, holder, { score: 1, cause: 'wrong-data' })
  }

  async #nameOf(nodeId: number): Promise<string> {
    const nodes = await this.#context.directory.known()
    return nodes.find((node) => node.nodeId === nodeId)?.name ?? `node ${nodeId}`
  }

  #wrong(node: NodeRecord, what: string): OrlopError {
    return new OrlopError(
      'STRIP_DAMAGED',
      `Node ${node.name} gave ${what} for ${formatObjectId(this.#view.objectId)}. Another copy is tried; tell its operator.`,
      { details: { nodeId: node.nodeId } },
    )
  }

  #unreachable(): OrlopError {
    const objectName = formatObjectId(this.#view.objectId)
    const reasons = [...this.#rejected.values()].join(' ')
    if (this.hasHolder) {
      return new OrlopError(
        'NODE_UNREACHABLE',
        `No node that holds ${objectName} serves it now. Check the link and try again. ${reasons}`,
      )
    }
    return new OrlopError(
      'OBJECT_DAMAGED',
      `Every copy of ${objectName} is damaged. ${reasons} Restore it from your own copy and store it anew.`,
    )
  }
}

import { isOrlopError } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { MAX_STRIPS } from '@orlop/protocol/limits'
import { nodeStatus, reachStatus } from '@orlop/protocol/wire/status'
import type { ClientContext } from '../context.ts'
import { type CandidateList, listCandidates } from '../placement/candidates.ts'
import { type DrawnNode, drawOrder } from '../placement/draw-order.ts'
import { type NodeVerdict, noNodeAvailable } from '../placement/no-node-available.ts'
import type { UploadRecord } from './upload-record.ts'

/** What a choice must take into account. */
export interface ChooseRequest {
  readonly record: UploadRecord
  /** Nodes that are out for this object, with the reason, by node id. */
  readonly excluded: ReadonlyMap<number, string>
  /** The ingress node, when it is given already (by the request lease, or because it accepted). */
  readonly ingressNodeId: number | null
  /** Nodes that hold a reservation already and keep it. */
  readonly keptNodeIds: readonly number[]
  readonly signal?: AbortSignal
}

/** One ingress node and the nodes for the other strips. */
export interface ChosenNodes {
  readonly ingress: NodeRecord
  readonly proposed: readonly NodeRecord[]
  /** How the choice came about, for people. */
  readonly evidence: string
}

/**
 * Chooses where an object goes: candidates from the ledger, order by weighted chance, liveness asked directly (on a metered link
 * through the ingress node).
 *
 * @throws OrlopError `NO_NODE_AVAILABLE` naming every node with its reason.
 */
export async function chooseNodes(
  context: ClientContext,
  request: ChooseRequest,
): Promise<ChosenNodes> {
  const list = await candidatesFor(context, request)
  const drawn = drawOrder(list.candidates, {
    random: context.random,
    region: context.settings.region,
  })
  const verdicts: NodeVerdict[] = list.exclusions.map(({ node, reason }) => ({
    name: node.name,
    nodeId: node.nodeId,
    reason: request.excluded.get(node.nodeId) ?? reason,
  }))
  const search = new NodeSearch(context, request, { drawn, verdicts })
  const ingress = await search.findIngress()
  const proposed = await search.findOthers(ingress)
  return { ingress, proposed, evidence: describe(ingress, drawn, list.candidates.length) }
}

/** The candidates for an object's strips by ledger, policy and this client's own record. */
export async function candidatesFor(
  context: ClientContext,
  request: Pick<ChooseRequest, 'record' | 'excluded' | 'signal'>,
): Promise<CandidateList> {
  const { record, excluded, signal } = request
  const nodes = await context.directory.all(signal === undefined ? {} : { signal })
  return listCandidates(nodes, (nodeId) => context.home.evidence.of(nodeId), {
    importance: record.treatment.importance,
    tiers: record.treatment.tiers,
    minimumImportance: context.identity.record?.minimumImportance ?? 0,
    stripBytes: record.sealed?.streamBytes ?? record.maxSealedBytes,
    excludedNodeIds: new Set(excluded.keys()),
    nowMs: context.home.clockOffset.nowMs(),
  })
}

class NodeSearch {
  readonly #context: ClientContext
  readonly #request: ChooseRequest
  readonly #drawn: readonly DrawnNode[]
  readonly #verdicts: NodeVerdict[]
  readonly #copies: number

  constructor(
    context: ClientContext,
    request: ChooseRequest,
    found: { readonly drawn: readonly DrawnNode[]; readonly verdicts: NodeVerdict[] },
  ) {
    this.#context = context
    this.#request = request
    this.#drawn = found.drawn
    this.#verdicts = found.verdicts
    this.#copies = request.record.treatment.copies
  }

  async findIngress(): Promise<NodeRecord> {
    const { ingressNodeId, signal } = this.#request
    if (ingressNodeId !== null) {
      return this.#context.directory.byId(ingressNodeId, signal === undefined ? {} : { signal })
    }
    for (const { candidate } of this.#drawn) {
      if (await this.#isLive(candidate.node)) return candidate.node
    }
    throw noNodeAvailable(this.#copies, 0, this.#verdicts)
  }

  /** The nodes for strips 1, 2, …: those that keep their reservation, and new ones for the rest. */
  async findOthers(ingress: NodeRecord): Promise<NodeRecord[]> {
    const kept = new Set(this.#request.keptNodeIds)
    const others = this.#drawn
      .map(({ candidate }) => candidate.node)
      .filter(({ nodeId }) => nodeId !== ingress.nodeId && !kept.has(nodeId))
    const wanted = this.#copies - 1 - kept.size
    const live = this.#context.settings.isMetered
      ? await this.#reachedFrom(ingress, others)
      : await this.#liveOnes(others, wanted)
    const found = live.slice(0, wanted)
    if (found.length === wanted) return found
    throw noNodeAvailable(this.#copies, 1 + kept.size + found.length, this.#verdicts)
  }

  /** Asks as many at once as are still needed. */
  async #liveOnes(nodes: readonly NodeRecord[], wanted: number): Promise<NodeRecord[]> {
    const live: NodeRecord[] = []
    for (let next = 0; live.length < wanted && next < nodes.length;) {
      const batch = nodes.slice(next, next + wanted - live.length)
      next += batch.length
      const answers = await Promise.all(batch.map((node) => this.#isLive(node)))
      live.push(...batch.filter((_, index) => answers[index]))
    }
    return live
  }

  async #reachedFrom(
    ingress: NodeRecord,
    nodes: readonly NodeRecord[],
  ): Promise<readonly NodeRecord[]> {
    const asked = nodes.slice(0, MAX_STRIPS)
    if (asked.length === 0) return []
    const reach = asked.map(({ nodeId }) => nodeId)
    const call = { verb: 'status', request: { reach }, answer: reachStatus } as const
    const { reachable } = await this.#context.network.call(ingress, call, this.#options())
    const reached = new Set(reachable.map(({ nodeId }) => nodeId))
    for (const { nodeId, name } of asked) {
      if (!reached.has(nodeId)) this.#reject(nodeId, name, `not reachable from ${ingress.name}`)
    }
    return asked.filter(({ nodeId }) => reached.has(nodeId))
  }

  async #isLive(node: NodeRecord): Promise<boolean> {
    const { network, home, settings } = this.#context
    const needed = this.#request.record.maxSealedBytes
    try {
      const call = { verb: 'status', request: { node: true }, answer: nodeStatus } as const
      const status = await network.call(node, call, this.#options())
      if (!status.accepting) return this.#reject(node.nodeId, node.name, 'takes nothing at present')
      if (status.freeBytes < needed) return this.#reject(node.nodeId, node.name, 'full')
      return true
    } catch (error) {
      this.#request.signal?.throwIfAborted()
      if (!isOrlopError(error)) throw error
      await home.evidence.failed(node.nodeId)
      const why =
        error.code === 'TIMEOUT' ? `no answer in ${settings.callTimeoutMs} ms` : error.code
      return this.#reject(node.nodeId, node.name, `unreachable (${why})`)
    }
  }

  #reject(nodeId: number, name: string, reason: string): false {
    this.#verdicts.push({ nodeId, name, reason })
    return false
  }

  #options(): { signal?: AbortSignal } {
    const { signal } = this.#request
    return signal === undefined ? {} : { signal }
  }
}

function describe(ingress: NodeRecord, drawn: readonly DrawnNode[], candidates: number): string {
  const draw = drawn.find(({ candidate }) => candidate.node.nodeId === ingress.nodeId)
  const credit = (ingress.creditMillionths / 10_000).toFixed(1)
  const how = draw?.explored === true ? 'to explore' : 'by weight'
  const total = drawn.reduce((sum, { weight }) => sum + weight, 0)
  const share =
    draw === undefined ? 'kept' : `${((100 * draw.weight) / total).toFixed(0)} % of the weight`
  return `${ingress.name} of ${candidates} candidates, ${how}: credit ${credit} %, ${share}`
}

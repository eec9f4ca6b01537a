import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { ClientContext } from '../context.ts'
import type { NamedNode } from '../events.ts'
import { type ChosenNodes, chooseNodes } from './choose-nodes.ts'
import { offerObject, type OfferOutcome } from './offer-object.ts'
import type { UploadPlacement, UploadRecord } from './upload-record.ts'

/** Corrections of the clock before something else must be wrong. */
const MAX_CLOCK_CORRECTIONS = 3

export interface OpenPlacementOptions {
  readonly signal?: AbortSignal
  /** Nodes that are out for this object, with the reason; refusals are added to it. */
  readonly excluded: Map<number, string>
  /** Awaited before each offer. */
  readonly onOffer?: () => Promise<void>
}

/**
 * Chooses nodes and offers the object until every strip has a reservation (formats.md 7).
 *
 * @throws OrlopError `NO_NODE_AVAILABLE`; and, to be called again later: `LEASE_HELD`, `NODE_UNREACHABLE`, `TIMEOUT`.
 */
export async function openPlacement(
  context: ClientContext,
  record: UploadRecord,
  options: OpenPlacementOptions,
): Promise<UploadPlacement> {
  const objectName = formatObjectId(record.objectId)
  const { excluded } = options
  let accepted: AcceptedNodes | null = null
  let clockCorrections = 0
  for (;;) {
    const chosen = await chooseAgain(context, record, { ...options, accepted })
    context.events.emit({
      type: 'chosen',
      objectName,
      ingress: named(chosen.ingress),
      proposed: chosen.proposed.map(named),
    })
    await options.onOffer?.()
    const outcome = await offerObject(context, record, chosen, options)
    if (outcome.kind === 'accepted' && outcome.missing.size === 0) {
      context.events.emit({
        type: 'accepted',
        objectName,
        nodes: [chosen.ingress, ...chosen.proposed].map(named),
      })
      return {
        ingressNodeId: chosen.ingress.nodeId,
        reservations: [...outcome.reservations],
        evidence: chosen.evidence,
      }
    }
    if (outcome.kind === 'accepted') {
      accepted = withoutMissing(chosen, outcome.missing)
      for (const [nodeId, reason] of outcome.missing) excluded.set(nodeId, reason)
      continue
    }
    if (outcome.kind === 'refused' && outcome.reason === 'clock-skew') {
      clockCorrections += 1
      if (clockCorrections <= MAX_CLOCK_CORRECTIONS) continue
    }
    accepted = null
    takeNo(context, { objectName, node: chosen.ingress, outcome, excluded })
  }
}

interface ChooseAgainOptions extends OpenPlacementOptions {
  readonly accepted: AcceptedNodes | null
}

/** The nodes that agreed to an earlier offer of this object; null in the place of one that did not. */
interface AcceptedNodes {
  readonly ingress: NodeRecord
  readonly proposed: readonly (NodeRecord | null)[]
}

/** The node that holds the lease, or that accepted already, stays the ingress node. */
async function chooseAgain(
  context: ClientContext,
  record: UploadRecord,
  { accepted, excluded, signal }: ChooseAgainOptions,
): Promise<ChosenNodes> {
  const objectName = formatObjectId(record.objectId)
  const lease = await context.home.leases.current(objectName)
  if (lease !== null && excluded.has(lease.nodeId)) {
    throw new OrlopError(
      'LEASE_HELD',
      `${objectName} was offered to node ${lease.nodeId}; another is asked in ${Math.ceil(lease.remainingMs / 1000)} s.`,
      { details: { nodeId: lease.nodeId, remainingMs: lease.remainingMs } },
    )
  }
  const slots = accepted?.proposed ?? new Array<null>(record.treatment.copies - 1).fill(null)
  const kept = slots.filter((node) => node !== null)
  const chosen = await chooseNodes(context, {
    record,
    excluded,
    ingressNodeId: accepted?.ingress.nodeId ?? lease?.nodeId ?? null,
    keptNodeIds: kept.map(({ nodeId }) => nodeId),
    ...(signal === undefined ? {} : { signal }),
  })
  // Who agreed keeps its strip number: its reservation names it.
  const fresh = chosen.proposed.values()
  const proposed = slots.map((node) => node ?? fresh.next().value).filter(isPresent)
  return { ...chosen, proposed }
}

function withoutMissing(chosen: ChosenNodes, missing: ReadonlyMap<number, string>): AcceptedNodes {
  const proposed = chosen.proposed.map((node) => (missing.has(node.nodeId) ? null : node))
  return { ingress: chosen.ingress, proposed }
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined
}

interface No {
  readonly objectName: string
  readonly node: NodeRecord
  readonly outcome: Exclude<OfferOutcome, { kind: 'accepted' }>
  readonly excluded: Map<number, string>
}

function takeNo(context: ClientContext, { objectName, node, outcome, excluded }: No): void {
  if (outcome.kind === 'undelivered') {
    const reason = `unreachable (${outcome.error.code})`
    excluded.set(node.nodeId, reason)
    context.events.emit({ type: 'unreachable', objectName, node: named(node), reason })
    return
  }
  const reason = `refused (${outcome.reason})`
  excluded.set(node.nodeId, reason)
  context.events.emit({ type: 'refused', objectName, node: named(node), reason: outcome.reason })
}

function named({ nodeId, name }: NodeRecord): NamedNode {
  return { nodeId, name }
}

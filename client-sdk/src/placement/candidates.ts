import { IMPORTANCES, type Importance, type Tier } from '@orlop/protocol/data-classes'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { NodeEvidence } from './node-evidence.ts'
import { NO_EVIDENCE } from './node-evidence.ts'

/** What a placement must respect. */
export interface PlacementRules {
  readonly importance: Importance
  /** The client's own floor in the registry: 0 none, 1 critical … 3 routine. It lifts, never lowers. */
  readonly minimumImportance: number
  /** Bytes one strip needs at most. */
  readonly stripBytes: number
  /** Whether the policy lets the other tier in when the proper one cannot be filled. */
  readonly otherTierAllowed: boolean
  /** Preferred region; null when none is. */
  readonly region: string | null
  /** Nodes not to be asked this time. */
  readonly excludedNodeIds: ReadonlySet<number>
  readonly nowMs: number
}

/** Why a node is no candidate. */
export type ExclusionReason =
  'not admitted' | 'tier not allowed' | 'full' | 'excluded' | 'asked to wait' | 'sent wrong data'

export interface Exclusion {
  readonly node: NodeRecord
  readonly reason: ExclusionReason
}

export interface Candidate {
  readonly node: NodeRecord
  readonly evidence: NodeEvidence
  /** 0 for the tier that goes first; a higher rank is used only when lower ones cannot be filled. */
  readonly tierRank: number
}

export interface CandidateList {
  readonly candidates: Candidate[]
  readonly exclusions: Exclusion[]
}

/**
 * The nodes that may hold a strip, by the ledger and this client's own measurements (formats.md 10): critical and important data
 * goes to heavy nodes only; routine data to light ones first, then heavy.
 */
export function listCandidates(
  nodes: readonly NodeRecord[],
  evidenceOf: (nodeId: number) => NodeEvidence | undefined,
  rules: PlacementRules,
): CandidateList {
  const list: CandidateList = { candidates: [], exclusions: [] }
  const ranks = tierRanks(effectiveImportance(rules), rules.otherTierAllowed)
  for (const node of nodes) {
    const evidence = evidenceOf(node.nodeId) ?? NO_EVIDENCE
    const tierRank = ranks[node.tier]
    const reason = exclusionOf(node, evidence, rules)
    if (reason !== null) list.exclusions.push({ node, reason })
    else if (tierRank === null) list.exclusions.push({ node, reason: 'tier not allowed' })
    else list.candidates.push({ node, evidence, tierRank })
  }
  return list
}

/** The data's importance, lifted to the client's floor: an important ship's routine data is treated as important. */
export function effectiveImportance(
  rules: Pick<PlacementRules, 'importance' | 'minimumImportance'>,
): number {
  const own = IMPORTANCES[rules.importance]
  return rules.minimumImportance === 0 ? own : Math.min(own, rules.minimumImportance)
}

function tierRanks(importance: number, otherTierAllowed: boolean): Record<Tier, number | null> {
  if (importance >= IMPORTANCES.routine) return { light: 0, heavy: 1 }
  return { heavy: 0, light: otherTierAllowed ? 1 : null }
}

function exclusionOf(
  node: NodeRecord,
  evidence: NodeEvidence,
  rules: PlacementRules,
): ExclusionReason | null {
  if (node.state !== 'admitted') return 'not admitted'
  if (rules.excludedNodeIds.has(node.nodeId)) return 'excluded'
  if (evidence.sentWrongData) return 'sent wrong data'
  if (node.freeBytes < rules.stripBytes) return 'full'
  if (evidence.notBeforeMs > rules.nowMs) return 'asked to wait'
  return null
}

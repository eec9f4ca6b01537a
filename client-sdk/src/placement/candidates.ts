import { IMPORTANCES, type Importance, type Tier } from '@orlop/protocol/data-classes'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { NodeEvidence } from './node-evidence.ts'
import { NO_EVIDENCE } from './node-evidence.ts'

/** What a placement must respect. */
export interface PlacementRules {
  readonly importance: Importance
  /** Tiers that the policy lets hold the data, the preferred one first (formats.md 10). */
  readonly tiers: readonly Tier[]
  /** The client's own floor in the registry: 0 none, 1 critical … 3 routine. It lifts, never lowers. */
  readonly minimumImportance: number
  /** Bytes one strip needs at most. */
  readonly stripBytes: number
  /** Nodes not to be asked this time. */
  readonly excludedNodeIds: ReadonlySet<number>
  readonly nowMs: number
}

/** Why a node is no candidate. */
export type ExclusionReason =
  'not admitted' | 'tier not allowed' | 'full' | 'excluded' | 'asked to wait' | 'broke its word'

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
 * The nodes that may hold a strip, by the ledger and this client's own measurements. Tiers go in the policy's order; data lifted
 * above routine by the client's minimum importance goes to heavy nodes only (formats.md 10).
 */
export function listCandidates(
  nodes: readonly NodeRecord[],
  evidenceOf: (nodeId: number) => NodeEvidence | undefined,
  rules: PlacementRules,
): CandidateList {
  const list: CandidateList = { candidates: [], exclusions: [] }
  const tiers = allowedTiers(rules)
  for (const node of nodes) {
    const evidence = evidenceOf(node.nodeId) ?? NO_EVIDENCE
    const tierRank = tiers.indexOf(node.tier)
    const reason = exclusionOf(node, evidence, rules)
    if (reason !== null) list.exclusions.push({ node, reason })
    else if (tierRank < 0) list.exclusions.push({ node, reason: 'tier not allowed' })
    else list.candidates.push({ node, evidence, tierRank })
  }
  return list
}

/** An important ship's routine data is treated as important: its floor in the registry lifts it off light nodes. */
function allowedTiers(rules: PlacementRules): readonly Tier[] {
  const { routine } = IMPORTANCES
  const isLifted =
    IMPORTANCES[rules.importance] === routine &&
    rules.minimumImportance !== 0 &&
    rules.minimumImportance < routine
  return isLifted ? ['heavy'] : rules.tiers
}

function exclusionOf(
  node: NodeRecord,
  evidence: NodeEvidence,
  rules: PlacementRules,
): ExclusionReason | null {
  if (node.state !== 'admitted') return 'not admitted'
  if (rules.excludedNodeIds.has(node.nodeId)) return 'excluded'
  if (evidence.distrustedUntilMs > rules.nowMs) return 'broke its word'
  if (node.freeBytes < rules.stripBytes) return 'full'
  if (evidence.notBeforeMs > rules.nowMs) return 'asked to wait'
  return null
}

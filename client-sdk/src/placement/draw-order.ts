import type { Candidate } from './candidates.ts'
import type { RandomSource } from './random-source.ts'
import { weightOf } from './weight.ts'

/** Share of choices that go to a node with little evidence, so that a new node can earn credit (formats.md 8). */
const EXPLORATION_SHARE = 0.05
/** A node with fewer ratings than this has little evidence. */
const LITTLE_EVIDENCE_RATINGS = 10

export interface DrawOptions {
  readonly random: RandomSource
  readonly region?: string | null
}

export interface DrawnNode {
  readonly candidate: Candidate
  /** Whether the draw explored instead of following the weights. */
  readonly explored: boolean
  readonly weight: number
}

/**
 * Puts the candidates in the order they are asked: a weighted draw without replacement, tier by tier, in which 5 % of the draws go
 * evenly to nodes with little evidence.
 */
export function drawOrder(candidates: readonly Candidate[], options: DrawOptions): DrawnNode[] {
  const drawn: DrawnNode[] = []
  const ranks = [...new Set(candidates.map((candidate) => candidate.tierRank))]
  for (const rank of ranks.sort((left, right) => left - right)) {
    const left = candidates.filter((candidate) => candidate.tierRank === rank)
    while (left.length > 0) {
      const next = drawOne(left, options)
      left.splice(left.indexOf(next.candidate), 1)
      drawn.push(next)
    }
  }
  return drawn
}

function drawOne(candidates: readonly Candidate[], options: DrawOptions): DrawnNode {
  const region = options.region ?? null
  const fresh = candidates.filter(({ node }) => node.ratings < LITTLE_EVIDENCE_RATINGS)
  const explored = options.random() < EXPLORATION_SHARE && fresh.length > 0
  const pool = explored ? fresh : candidates
  const weights = pool.map((candidate) => (explored ? 1 : weightOf(candidate, region)))
  const index = drawIndex(weights, options.random())
  const candidate = pool[index]
  if (candidate === undefined) throw new RangeError('drawOne: expected at least one candidate')
  return { candidate, explored, weight: weightOf(candidate, region) }
}

/** The index whose share of the total weight `point` (in [0, 1)) falls in. */
function drawIndex(weights: readonly number[], point: number): number {
  let rest = point * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [index, weight] of weights.entries()) {
    rest -= weight
    if (rest < 0) return index
  }
  return weights.length - 1
}

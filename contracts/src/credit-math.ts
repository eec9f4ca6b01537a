/**
 * The credit rule in TypeScript: the same integers as `libraries/CreditMath.sol`, so that anybody can recompute a
 * node's credit from the events `Rated` and `Annulled`. Reasons, tables and sources: `docs/credit.md`.
 */

/** Evidence about a node, in millionths of a rating. */
export interface Evidence {
  /** For the node. */
  readonly s: bigint
  /** Against the node. */
  readonly f: bigint
  /** Number of counted ratings so far. */
  readonly round: bigint
}

/** What one client has made count for one node in an epoch. */
export interface RatingBudget {
  /** Block time in seconds divided by `EPOCH_SECONDS`. */
  readonly epoch: bigint
  /** Ratings of 3 to 5. */
  readonly lifts: number
  /** Ratings of 1 or 2. */
  readonly lowers: number
}

/** 1 in millionths. */
const ONE = 1_000_000n
const PRIOR = ONE
const FORGETTING = 980_000n
const Z_THOUSANDTHS = 1_645n
const LIFTING_SCORE = 3
const FINE_ONE = 10n ** 18n

/** Length of an epoch in seconds of block time. */
export const EPOCH_SECONDS = 86_400n
/** Ratings of 3 to 5 that one client can make count for one node in an epoch, and those of 1 or 2. */
export const RATINGS_PER_EPOCH = 4

/** What is known of a node that nobody rated. */
export const NO_EVIDENCE: Evidence = { s: 0n, f: 0n, round: 0n }
export const UNUSED_BUDGET: RatingBudget = { epoch: 0n, lifts: 0, lowers: 0 }

/**
 * Adds a counted rating: what was known fades by λ, then (score − 1) / 4 counts for the node and the rest against it.
 *
 * @param score - 1 to 5.
 * @throws RangeError for any other score.
 */
export function applyRating(evidence: Evidence, score: number): Evidence {
  const { good, bad } = weigh(score)
  return {
    s: (evidence.s * FORGETTING) / ONE + good,
    f: (evidence.f * FORGETTING) / ONE + bad,
    round: evidence.round + 1n,
  }
}

/**
 * Takes back what is left of a counted rating. What that rating made others fade stays faded.
 *
 * @param rating - its score, and `round` as it was just after the rating (`CreditChanged.round`).
 * @throws RangeError when the score is not 1 to 5 or the round is still to come.
 */
export function annulRating(
  evidence: Evidence,
  rating: { score: number; round: bigint },
): Evidence {
  const { good, bad } = weigh(rating.score)
  const left = decay(evidence.round - rating.round)
  return {
    s: saturatingSub(evidence.s, (good * left) / FINE_ONE),
    f: saturatingSub(evidence.f, (bad * left) / FINE_ONE),
    round: evidence.round,
  }
}

/**
 * The credit that evidence is worth: max(0, μ − 1.645 σ) of Beta(1 + s, 1 + f).
 *
 * @returns parts per million, 0 to 1 000 000.
 */
export function creditOf(evidence: Pick<Evidence, 's' | 'f'>): number {
  const a = PRIOR + evidence.s
  const b = PRIOR + evidence.f
  const n = a + b
  const mean = (a * ONE) / n
  const deviation = floorSqrt((a * b * ONE ** 3n) / (n * n * (n + ONE)))
  return Number(saturatingSub(mean, (Z_THOUSANDTHS * deviation) / 1000n))
}

/**
 * Counts a rating against what its client may make count for the node.
 *
 * @param budget - what was used so far, of whatever epoch.
 * @param rating - its score and the epoch of the block that holds it.
 * @returns whether it counts, and what is used now.
 */
export function spendBudget(
  budget: RatingBudget,
  rating: { score: number; epoch: bigint },
): { counted: boolean; budget: RatingBudget } {
  const { epoch } = rating
  const current = budget.epoch === epoch ? budget : { ...UNUSED_BUDGET, epoch }
  const direction = rating.score >= LIFTING_SCORE ? 'lifts' : 'lowers'
  const counted = current[direction] < RATINGS_PER_EPOCH
  return {
    counted,
    budget: counted ? { ...current, [direction]: current[direction] + 1 } : budget,
  }
}

function weigh(score: number): { good: bigint; bad: bigint } {
  if (!Number.isInteger(score) || score < 1 || score > 5) {
    throw new RangeError(`score: expected 1 to 5, got ${score}`)
  }
  const good = (BigInt(score - 1) * ONE) / 4n
  return { good, bad: ONE - good }
}

/** λ to a power by squaring, scaled by 10¹⁸; rounds as the contract does. */
function decay(rounds: bigint): bigint {
  if (rounds < 0n) throw new RangeError(`round: expected none to come, got ${-rounds} ahead`)
  let result = FINE_ONE
  let factor = (FORGETTING * FINE_ONE) / ONE
  for (let left = rounds; left !== 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * factor) / FINE_ONE
    factor = (factor * factor) / FINE_ONE
  }
  return result
}

function saturatingSub(from: bigint, amount: bigint): bigint {
  return from > amount ? from - amount : 0n
}

/** Newton's method from above; converges because the start is not below the root. */
function floorSqrt(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/**
 * The credit rule, as `libraries/CreditMath.sol` computes it: integers scaled by 10⁶, division rounds down. Anybody can recompute a
 * node's credit with it from the ledger's events alone.
 */

const ONE = 1_000_000n
const PRIOR = ONE
const FORGETTING = 980_000n
const Z_THOUSANDTHS = 1_645n
const FINE_ONE = 10n ** 18n
const MAX_SCORE = 5
const LIFTING_SCORE = 3

/** Length of the period in which one client's weight for one node is limited, in seconds. */
export const EPOCH_SECONDS = 86_400
/** Ratings of 3 to 5, and as many of 1 or 2, that one client can make count for one node in an epoch. */
export const PER_EPOCH = 4

/** What a node's credit is made of; `s` and `f` in millionths. */
export interface Evidence {
  /** For the node. */
  s: bigint
  /** Against the node. */
  f: bigint
  /** Number of counted ratings so far. */
  round: number
}

/** What one client has used of its weight for one node. */
export interface Budget {
  /** Unix seconds divided by {@link EPOCH_SECONDS}. */
  epoch: number
  lifts: number
  lowers: number
}

export const NO_EVIDENCE: Evidence = { s: 0n, f: 0n, round: 0 }
export const UNUSED_BUDGET: Budget = { epoch: 0, lifts: 0, lowers: 0 }

function weigh(score: number): { good: bigint; bad: bigint } {
  if (!Number.isInteger(score) || score < 1 || score > MAX_SCORE) {
    throw new RangeError(`score: expected an integer from 1 to ${MAX_SCORE}, got ${score}`)
  }
  const good = (BigInt(score - 1) * ONE) / BigInt(MAX_SCORE - 1)
  return { good, bad: ONE - good }
}

function decay(rounds: number): bigint {
  let result = FINE_ONE
  let factor = (FORGETTING * FINE_ONE) / ONE
  for (let left = rounds; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * factor) / FINE_ONE
    factor = (factor * factor) / FINE_ONE
  }
  return result
}

function lessBy(value: bigint, amount: bigint): bigint {
  return value > amount ? value - amount : 0n
}

/** Floor of the square root (Heron's method). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2))
  for (;;) {
    const next = (root + value / root) / 2n
    if (next >= root) return root
    root = next
  }
}

/** The evidence after a rating of 1 to 5 that counts. @throws RangeError for another score. */
export function applyRating(evidence: Evidence, score: number): Evidence {
  const { good, bad } = weigh(score)
  return {
    s: (evidence.s * FORGETTING) / ONE + good,
    f: (evidence.f * FORGETTING) / ONE + bad,
    round: evidence.round + 1,
  }
}

/** The evidence without what is left of a rating that was counted as number `round`. @throws RangeError for another score. */
export function annulRating(evidence: Evidence, score: number, round: number): Evidence {
  const { good, bad } = weigh(score)
  const left = decay(evidence.round - round)
  return {
    s: lessBy(evidence.s, (good * left) / FINE_ONE),
    f: lessBy(evidence.f, (bad * left) / FINE_ONE),
    round: evidence.round,
  }
}

/** Whether a rating still counts in this epoch, and the budget after it. */
export function spend(
  budget: Budget,
  epoch: number,
  score: number,
): { isCounted: boolean; budget: Budget } {
  const used = budget.epoch === epoch ? budget : { epoch, lifts: 0, lowers: 0 }
  const kind = score >= LIFTING_SCORE ? 'lifts' : 'lowers'
  const isCounted = used[kind] < PER_EPOCH
  return { isCounted, budget: isCounted ? { ...used, [kind]: used[kind] + 1 } : used }
}

/** The credit that evidence amounts to: max(0, μ − 1.645·σ) of the beta distribution, in millionths from 0 to 1 000 000. */
export function creditOf({ s, f }: Pick<Evidence, 's' | 'f'>): number {
  const a = PRIOR + s
  const b = PRIOR + f
  const n = a + b
  const mean = (a * ONE) / n
  const deviation = squareRoot((a * b * ONE * ONE * ONE) / (n * n * (n + ONE)))
  return Number(lessBy(mean, (Z_THOUSANDTHS * deviation) / 1000n))
}

import type { Candidate } from './candidates.ts'

/** A node with less credit than this is still asked now and then: without work it could never earn any. */
const LEAST_CREDIT = 0.02
const LEAST_FREE_SHARE = 0.05
/** Round trip at which a node counts half. */
const HALF_WEIGHT_LATENCY_MS = 150
/** A node of another region than the preferred one. */
const OTHER_REGION_FACTOR = 0.25
const MAX_COUNTED_FAILURES = 6

/**
 * How much a node deserves the next strip: credit × free share × latency, halved for every failure since its last success. Only
 * ratios between weights mean something.
 *
 * @param region - the preferred region; null when none is.
 * @returns a positive number.
 */
export function weightOf(candidate: Candidate, region: string | null): number {
  const { node, evidence } = candidate
  const credit = Math.max(LEAST_CREDIT, node.creditMillionths / 1_000_000)
  const capacityBytes = Math.max(node.capacityBytes, node.freeBytes, 1)
  const free = Math.max(LEAST_FREE_SHARE, node.freeBytes / capacityBytes)
  const latencyMs = evidence.latencyMs ?? HALF_WEIGHT_LATENCY_MS
  const speed = HALF_WEIGHT_LATENCY_MS / (HALF_WEIGHT_LATENCY_MS + latencyMs)
  const failures = 0.5 ** Math.min(evidence.recentFailures, MAX_COUNTED_FAILURES)
  const place = region === null || node.region === region ? 1 : OTHER_REGION_FACTOR
  return credit * free * speed * failures * place
}

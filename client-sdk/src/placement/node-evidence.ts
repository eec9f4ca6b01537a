/** What this client itself has measured of one node. */
export interface NodeEvidence {
  /** Smoothed round trip, milliseconds; null before the first measurement. */
  readonly latencyMs: number | null
  /** Failures since the last success: refused connections, broken streams. */
  readonly recentFailures: number
  /** Wall time until which the node asked not to be asked again; 0 = at once. */
  readonly notBeforeMs: number
  /** Wall time until which the node gets nothing new, since it broke its word or sent wrong data; 0 = never did. */
  readonly distrustedUntilMs: number
}

/** Of a node never met. */
export const NO_EVIDENCE: NodeEvidence = {
  latencyMs: null,
  recentFailures: 0,
  notBeforeMs: 0,
  distrustedUntilMs: 0,
}

/** What this client itself has measured of one node. */
export interface NodeEvidence {
  /** Smoothed round trip, milliseconds; null before the first measurement. */
  readonly latencyMs: number | null
  /** Failures since the last success: refused connections, broken streams. */
  readonly recentFailures: number
  /** Wall time until which the node asked not to be asked again; 0 = at once. */
  readonly notBeforeMs: number
  /** Whether this node sent data that was not what it holds a receipt for. */
  readonly sentWrongData: boolean
}

/** Of a node never met. */
export const NO_EVIDENCE: NodeEvidence = {
  latencyMs: null,
  recentFailures: 0,
  notBeforeMs: 0,
  sentWrongData: false,
}

import type { RatingCause } from '@orlop/protocol/messages/keeping'

/** What was seen of one node while it served one object. */
export interface Measurements {
  /** Bytes the node took a second; null when it was not measured (another node spread the strip to it). */
  readonly bytesPerSecond: number | null
  /** Bytes a second it should take at least. */
  readonly expectedBytesPerSecond: number
  /** Connections to it that broke, attempts that got no answer. */
  readonly interruptions: number
  /** Whether it gave something else than it holds a receipt for. */
  readonly gaveWrongData: boolean
}

/** A score with the reason for it, which the ledger shows beside it. */
export interface Score {
  /** 1 (bad) to 5 (good). */
  readonly score: number
  readonly cause: RatingCause
}

const LATE_SCORE = 2

/**
 * The automatic rating: 5 for a node that did what it promised; less for slowness (4 below the expectation, 3 below a quarter of
 * it) and for interruptions (4 from three on, 3 from ten on); 1 for wrong data.
 */
export function scoreOf(measured: Measurements): Score {
  if (measured.gaveWrongData) return { score: 1, cause: 'wrong-data' }
  const slow = slowness(measured)
  const interrupted = measured.interruptions >= 10 ? 3 : measured.interruptions >= 3 ? 4 : 5
  if (interrupted < slow) return { score: interrupted, cause: 'interrupted' }
  if (slow < 5) return { score: slow, cause: 'slow' }
  return { score: 5, cause: 'stored-well' }
}

/** What a node gets whose receipt the client had to bring to the ledger itself; no more than it had earned before. */
export function asLate(earned: Score): Score {
  return earned.score <= LATE_SCORE ? earned : { score: LATE_SCORE, cause: 'late-record' }
}

function slowness({ bytesPerSecond, expectedBytesPerSecond }: Measurements): number {
  if (bytesPerSecond === null || bytesPerSecond >= expectedBytesPerSecond) return 5
  return bytesPerSecond >= expectedBytesPerSecond / 4 ? 4 : 3
}

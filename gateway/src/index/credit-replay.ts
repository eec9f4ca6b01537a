import {
  NO_EVIDENCE,
  annulRating,
  applyRating,
  creditOf,
  type Evidence,
} from '@orlop/contracts/credit-math'
import type { RatingEvent } from '@orlop/protocol/history-events'
import { RATED } from './index-schema.ts'
import type { IndexFile } from './index-file.ts'

/** A node's evidence after an event, and the credit that it is worth. */
export interface ReplayedCredit {
  evidence: Evidence
  creditMillionths: number
  /** What the contract said of the node's credit after the event. */
  contractMillionths: number
}

/**
 * What an event makes of a node's credit by the published rule (docs/credit.md), from the events before it in the index and nothing that
 * the contract says of the result. An event that changes nothing leaves all as it was.
 */
export function replayCredit(file: IndexFile, event: RatingEvent): ReplayedCredit {
  const before = replayedBefore(file, event)
  const change = 'change' in event ? event.change : null
  if (change === null) return before
  const evidence =
    event.kind === 'rated'
      ? applyRating(before.evidence, event.score)
      : annulled(file, before.evidence, event)
  const { afterMillionths: contractMillionths } = change
  return { evidence, creditMillionths: creditOf(evidence), contractMillionths }
}

/** An annulled rating that the index does not know changes nothing; the difference to the contract then shows. */
function annulled(file: IndexFile, before: Evidence, event: RatingEvent): Evidence {
  const { nodeId, sequence, score } = event
  const rating = file
    .prepare(
      `SELECT round FROM credit_events WHERE node_id = ? AND sequence = ? AND kind = ${RATED} AND is_counted
       ORDER BY id DESC LIMIT 1`,
    )
    .get(nodeId, sequence)
  if (rating === undefined) return before
  return annulRating(before, { score, round: BigInt(Number(rating['round'])) })
}

function replayedBefore(file: IndexFile, { nodeId }: RatingEvent): ReplayedCredit {
  const last = file
    .prepare(
      'SELECT good, bad, round, recomputed, after FROM credit_events WHERE node_id = ? ORDER BY id DESC LIMIT 1',
    )
    .get(nodeId)
  if (last === undefined) {
    const unrated = creditOf(NO_EVIDENCE)
    return { evidence: NO_EVIDENCE, creditMillionths: unrated, contractMillionths: unrated }
  }
  const [s, f, round] = [last['good'], last['bad'], last['round']].map((part) =>
    BigInt(Number(part)),
  )
  return {
    evidence: { s: s ?? 0n, f: f ?? 0n, round: round ?? 0n },
    creditMillionths: Number(last['recomputed']),
    contractMillionths: Number(last['after']),
  }
}

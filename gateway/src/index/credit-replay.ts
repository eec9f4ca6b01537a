import {
  NO_EVIDENCE,
  annulRating,
  applyRating,
  creditOf,
  type Evidence,
} from '@orlop/contracts/credit-math'
import type { CreditEvent } from '@orlop/protocol/ledger-records'
import { RATED } from './index-schema.ts'
import type { IndexFile } from './index-file.ts'

/** A node's evidence after an event, and the credit that it is worth. */
export interface ReplayedCredit {
  evidence: Evidence
  creditMillionths: number
}

/**
 * What an event makes of a node's credit by the published rule (docs/credit.md), from the events before it in the index and nothing that
 * the contract says of the result.
 */
export function replayCredit(file: IndexFile, event: CreditEvent): ReplayedCredit {
  const before = evidenceOf(file, event.nodeId)
  const evidence =
    event.kind === 'rated' ? applyRating(before, event.score) : annulled(file, before, event)
  return { evidence, creditMillionths: creditOf(evidence) }
}

/** An annulled rating that the index does not know changes nothing; the difference to the contract then shows. */
function annulled(file: IndexFile, before: Evidence, event: CreditEvent): Evidence {
  const { nodeId, sequence, score } = event
  const rating = file
    .prepare(
      `SELECT round FROM credit_events WHERE node_id = ? AND sequence = ? AND kind = ${RATED}
       ORDER BY id DESC LIMIT 1`,
    )
    .get(nodeId, sequence)
  if (rating === undefined) return before
  return annulRating(before, { score, round: BigInt(Number(rating['round'])) })
}

function evidenceOf(file: IndexFile, nodeId: number): Evidence {
  const last = file
    .prepare(
      'SELECT good, bad, round FROM credit_events WHERE node_id = ? ORDER BY id DESC LIMIT 1',
    )
    .get(nodeId)
  if (last === undefined) return NO_EVIDENCE
  const [s, f, round] = [last['good'], last['bad'], last['round']].map((part) =>
    BigInt(Number(part)),
  )
  return { s: s ?? 0n, f: f ?? 0n, round: round ?? 0n }
}

import type { RatingEvent } from '@orlop/protocol/history-events'
import type { CreditEvent } from '@orlop/protocol/ledger-records'

/** The change of credit that an event about a rating made; null for those that changed none. */
export function creditEventOf(event: RatingEvent): CreditEvent | null {
  if (event.kind !== 'rated' && event.kind !== 'annulled') return null
  const { kind, nodeId, clientId, sequence, score, causeCode, change, position } = event
  if (change === null) return null
  return { kind, nodeId, clientId, sequence, score, causeCode, ...change, position }
}

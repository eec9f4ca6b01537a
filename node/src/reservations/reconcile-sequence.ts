import type { ChainClient } from '@orlop/protocol/ledger'
import type { LevelReservationBook } from './level-reservation-book.ts'

/** So many numbers are looked at past the next one: there may be holes where reservations ran out. */
const LOOK_AHEAD = 16

export interface ReconcileDependencies {
  nodeId: number
  ledger: Pick<ChainClient, 'isRecorded' | 'receipts'>
  reservations: LevelReservationBook
}

/**
 * Finds out whether the ledger has receipts of this node that its disk does not know (the home was restored from an old copy, or
 * is new), and never gives their numbers out again.
 *
 * @returns whether that was so.
 * @throws OrlopError `LEDGER_UNREACHABLE`, `LEDGER_MISMATCH`.
 */
export async function reconcileSequence(parts: ReconcileDependencies): Promise<boolean> {
  const { nodeId, ledger, reservations } = parts
  const next = await reservations.nextSequence()
  const ahead = Array.from({ length: LOOK_AHEAD }, (_, step) => next + step)
  const recorded = await Promise.all(ahead.map((number) => ledger.isRecorded(nodeId, number)))
  if (!recorded.includes(true)) return false
  let highest = next
  for await (const { sequence } of ledger.receipts({ nodeId })) {
    highest = Math.max(highest, sequence)
  }
  await reservations.startFrom(highest + 1)
  return true
}

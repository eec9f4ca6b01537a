import { isOrlopError } from '@orlop/protocol/errors'
import type { ChainClient } from '@orlop/protocol/ledger'
import type { LevelReservationBook } from './level-reservation-book.ts'

/**
 * Numbers left out when this node cannot know which ones it gave: more than could be given and not be on the ledger yet. A gap costs
 * nothing; numbers are plenty and the ledger's bitmap has a word for each 256 of them.
 */
export const SEQUENCE_GAP = 2 ** 20

/** No ledger loses so many blocks: receipts of the time before the last look are where they were. */
export const LOOK_BACK_BLOCKS = 10_000

export type SequenceLedger = Pick<ChainClient, 'head' | 'node' | 'receipts'>

export interface SequenceReconcilerDependencies {
  nodeId: number
  ledger: SequenceLedger
  reservations: LevelReservationBook
}

/**
 * Sees to it that no receipt number is given twice, also when the home is an older copy of itself. The home notes up to which block
 * it is known to be the right one; receipts of later blocks have numbers that its disk must have used up.
 */
export class SequenceReconciler {
  readonly #parts: SequenceReconcilerDependencies
  #state: 'unknown' | 'skipped' | 'sure' = 'unknown'

  constructor(parts: SequenceReconcilerDependencies) {
    this.#parts = parts
  }

  /**
   * The first time: looks, and leaves a gap after what the disk forgot. Later: only notes how far the ledger has come meanwhile.
   *
   * @returns whether the ledger had receipts that this disk forgot.
   * @throws OrlopError `LEDGER_UNREACHABLE`, `LEDGER_MISMATCH`; a gap is left then, too.
   */
  async run(): Promise<boolean> {
    const { nodeId, ledger, reservations } = this.#parts
    try {
      const { blockNumber } = await ledger.head()
      const seenMs = (await ledger.node(nodeId))?.lastSeenMs ?? 0
      const hasForgotten = this.#state === 'sure' ? false : await this.#look(blockNumber, seenMs)
      this.#state = 'sure'
      await reservations.noteLedger({ blockNumber, seenMs })
      return hasForgotten
    } catch (error) {
      if (this.#state === 'unknown' && isOrlopError(error, 'LEDGER_UNREACHABLE')) {
        await this.#leaveGap()
        this.#state = 'skipped'
      }
      throw error
    }
  }

  async #look(headBlock: number, seenMs: number): Promise<boolean> {
    const { nodeId, ledger, reservations } = this.#parts
    const noted = await reservations.notedLedger()
    // A ledger that is shorter than it was is another one, or has lost a lot: all of it is read.
    const isShorter = noted.blockNumber > headBlock
    const fromBlock = isShorter ? 0 : Math.max(0, noted.blockNumber - LOOK_BACK_BLOCKS)
    const unused = await reservations.unusedSequences()
    let next = await reservations.nextSequence()
    let hasForgotten = false
    for await (const { sequence } of ledger.receipts({ nodeId, fromBlock })) {
      if (sequence < next && !unused.has(sequence)) continue
      hasForgotten = true
      next = Math.max(next, sequence + 1)
    }
    if (!hasForgotten) {
      // Seen since, but not by this disk: it may have given numbers that nobody has recorded yet.
      if (noted.seenMs > 0 && seenMs > noted.seenMs) await this.#leaveGap()
      return false
    }
    // Their numbers may have been given to others in the life that was forgotten.
    await reservations.releaseAll()
    await this.#leaveGap(next)
    return true
  }

  async #leaveGap(atLeast = 0): Promise<void> {
    const { reservations } = this.#parts
    const next = Math.max(atLeast, await reservations.nextSequence())
    await reservations.startFrom(next + SEQUENCE_GAP)
  }
}

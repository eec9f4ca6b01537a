import type { LedgerHistory } from '@orlop/protocol/ledger-history'
import type { LedgerHead } from '@orlop/protocol/ledger-records'
import type { IndexStore } from './index-store.ts'

/**
 * The newest block that index and ledger both have; null when they share none. Whoever shares a block shares all before it, so that the
 * search doubles its steps back and then halves them: few questions, however many blocks were lost.
 */
export async function findCommonBlock(
  store: Pick<IndexStore, 'remembered'>,
  ledger: Pick<LedgerHistory, 'block'>,
  options: { signal?: AbortSignal } = {},
): Promise<LedgerHead | null> {
  const isShared = async (block: LedgerHead) =>
    (await ledger.block(block.blockNumber, options))?.blockHash === block.blockHash
  let lost = -1
  let shared = 0
  for (let block = store.remembered(0); ; block = store.remembered(shared)) {
    if (block === null || (await isShared(block))) break
    lost = shared
    shared = 2 * shared + 1
  }
  // Between `lost`, which the ledger does not have, and `shared`, which it has or which is before the first.
  while (shared - lost > 1) {
    const middle = Math.floor((lost + shared) / 2)
    const block = store.remembered(middle)
    if (block === null || (await isShared(block))) shared = middle
    else lost = middle
  }
  return store.remembered(shared)
}

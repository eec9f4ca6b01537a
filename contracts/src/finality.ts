/**
 * When a block counts as one that this ledger cannot lose.
 * - `depth`: so many blocks stand on top of it. 0 where a block is final as soon as it is made (Besu QBFT, IBFT).
 * - `age`: it is so old. For the embedded ledger, which writes itself to disk in less than this time or stops.
 * - `tag`: the ledger itself says so by its `finalized` block.
 */
export type FinalityPolicy =
  { kind: 'depth'; blocks: number } | { kind: 'age'; ms: number } | { kind: 'tag' }

/** What a policy is applied to. Times in ms since the epoch. */
export interface FinalityFacts {
  blockNumber: number
  blockTimeMs: number
  headNumber: number
  nowMs: number
}

/** Whether the block is final by depth or by age. A block from the future has no age. */
export function isFinalBy(
  policy: Exclude<FinalityPolicy, { kind: 'tag' }>,
  facts: FinalityFacts,
): boolean {
  if (policy.kind === 'depth') return facts.headNumber - facts.blockNumber >= policy.blocks
  return facts.nowMs - facts.blockTimeMs >= policy.ms
}

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Importance, IMPORTANCES } from '@orlop/protocol/data-classes'
import type { FoundFile, RankItem, SpoolItem } from './spool.ts'

/** How an item is read back from disk. */
export const spoolItemSchema = z.strictObject({
  key: z.string(),
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  modifiedMs: z.number(),
  importance: z.enum(['critical', 'important', 'routine']),
  foundMs: z.number(),
  state: z.enum(['queued', 'storing', 'stored', 'recorded', 'failed', 'replaced']),
  changedMs: z.number(),
  stored: z
    .strictObject({
      objectId: z.string(),
      sealedBytes: z.int().nonnegative(),
      wireBytes: z.strictObject({
        sentBytes: z.int().nonnegative(),
        receivedBytes: z.int().nonnegative(),
      }),
      ingress: z.strictObject({ nodeId: z.int(), name: z.string() }),
    })
    .nullable(),
  failure: z.strictObject({ code: z.string(), message: z.string(), atMs: z.number() }).nullable(),
  attempts: z.int().nonnegative(),
})

/** The spool's name of a file as found. */
function spoolKey({ path, sizeBytes, modifiedMs }: FoundFile): string {
  return createHash('sha256')
    .update(`${path}\0${sizeBytes}\0${modifiedMs}`)
    .digest('hex')
    .slice(0, 32)
}

/** A file as it enters the spool. */
export function queuedItem(file: FoundFile, importance: Importance, foundMs: number): SpoolItem {
  return {
    key: spoolKey(file),
    path: file.path,
    sizeBytes: file.sizeBytes,
    modifiedMs: file.modifiedMs,
    importance,
    foundMs,
    state: 'queued',
    changedMs: foundMs,
    stored: null,
    failure: null,
    attempts: 0,
  }
}

/** Whether there is still something to do about it. */
export function isUnfinished({ state }: SpoolItem): boolean {
  return state === 'queued' || state === 'storing' || state === 'failed'
}

/** The one to do next, as `Spool.next` says. */
export function firstOf(items: Iterable<SpoolItem>, rank: RankItem): SpoolItem | null {
  let first: { item: SpoolItem; rank: number } | null = null
  for (const item of items) {
    const ownRank = rank(item)
    if (ownRank === null) continue
    const order = first === null ? -1 : ownRank - first.rank || compareUrgency(item, first.item)
    if (order < 0) first = { item, rank: ownRank }
  }
  return first?.item ?? null
}

const TURN = ['storing', 'queued', 'failed']

/** What matters more first; among equals begun work, then the older, and what has failed last. */
function compareUrgency(left: SpoolItem, right: SpoolItem): number {
  return (
    IMPORTANCES[left.importance] - IMPORTANCES[right.importance] ||
    TURN.indexOf(left.state) - TURN.indexOf(right.state) ||
    left.foundMs - right.foundMs ||
    left.key.localeCompare(right.key)
  )
}

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Importance, IMPORTANCES } from '@orlop/protocol/data-classes'
import type { FoundFile, SpoolItem } from './spool.ts'

/** How an item is read back from disk. */
export const spoolItemSchema = z.strictObject({
  key: z.string(),
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  modifiedMs: z.number(),
  importance: z.enum(['critical', 'important', 'routine']),
  foundMs: z.number(),
  state: z.enum(['queued', 'storing', 'stored', 'recorded', 'failed']),
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
export function spoolKey({ path, sizeBytes, modifiedMs }: FoundFile): string {
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
    stored: null,
    failure: null,
    attempts: 0,
  }
}

/** What matters more first; among equals begun work, then the older. */
export function compareUrgency(left: SpoolItem, right: SpoolItem): number {
  return (
    IMPORTANCES[left.importance] - IMPORTANCES[right.importance] ||
    Number(right.state === 'storing') - Number(left.state === 'storing') ||
    left.foundMs - right.foundMs ||
    left.key.localeCompare(right.key)
  )
}

export function isWaiting(item: SpoolItem): boolean {
  return item.state === 'queued' || item.state === 'storing'
}

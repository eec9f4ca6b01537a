import { createHash } from 'node:crypto'
import { z } from 'zod'
import { IMPORTANCES } from '@orlop/protocol/data-classes'
import { OrlopError } from '@orlop/protocol/errors'
import type { FoundFile, RankItem, SpoolItem, Urgency } from './spool.ts'

/** In the order of their turns. */
const LANES = ['urgent', 'normal', 'bulk'] as const satisfies Urgency['lane'][]

const spoolItemSchema = z.strictObject({
  key: z.string(),
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  modifiedMs: z.number(),
  importance: z.enum(['critical', 'important', 'routine']),
  // Spools of earlier builds have neither lane nor time of change.
  lane: z.enum(LANES).default('normal'),
  foundMs: z.number(),
  state: z.enum(['queued', 'storing', 'stored', 'recorded', 'failed', 'replaced']),
  changedMs: z.number().default(0),
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

/**
 * Reads an item back from disk.
 *
 * @throws OrlopError `VERSION_UNSUPPORTED` when it is not one that this version knows.
 */
export function parseSpoolItem(value: unknown): SpoolItem {
  const parsed = spoolItemSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new OrlopError(
    'VERSION_UNSUPPORTED',
    "The spool has an entry that this version cannot read. Use the version that wrote it, or move the agent's 'spool' folder aside: what is still in the watched folders is then stored anew.",
    { cause: parsed.error },
  )
}

/** The spool's name of a file as found. */
function spoolKey({ path, sizeBytes, modifiedMs }: FoundFile): string {
  return createHash('sha256')
    .update(`${path}\0${sizeBytes}\0${modifiedMs}`)
    .digest('hex')
    .slice(0, 32)
}

/** A file as it enters the spool. */
export function queuedItem(file: FoundFile, urgency: Urgency, foundMs: number): SpoolItem {
  return {
    key: spoolKey(file),
    path: file.path,
    sizeBytes: file.sizeBytes,
    modifiedMs: file.modifiedMs,
    importance: urgency.importance,
    lane: urgency.lane,
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

/** What matters more first; among equals by lane, then begun work, then the older, and what has failed last. */
function compareUrgency(left: SpoolItem, right: SpoolItem): number {
  return (
    IMPORTANCES[left.importance] - IMPORTANCES[right.importance] ||
    LANES.indexOf(left.lane) - LANES.indexOf(right.lane) ||
    TURN.indexOf(left.state) - TURN.indexOf(right.state) ||
    left.foundMs - right.foundMs ||
    left.key.localeCompare(right.key)
  )
}

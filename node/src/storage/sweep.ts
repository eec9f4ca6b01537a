import type { Clock } from '@orlop/protocol/clock'
import { STAGING_KEPT_MS } from '@orlop/protocol/limits'
import type { LevelReservationBook } from '../reservations/level-reservation-book.ts'
import type { BlobStore, StorageMetrics, StripKey, SweepReport } from './interfaces.ts'
import { KEY_SPACE, formatStripKey } from './key-space.ts'
import type { LevelIndex } from './level-index.ts'
import type { LevelStripShelf } from './level-strip-shelf.ts'
import { stripKeyOf } from './strip-key.ts'

export interface SweepDependencies {
  index: LevelIndex
  blobs: BlobStore
  reservations: LevelReservationBook
  strips: LevelStripShelf
  clock: Clock
  metrics: StorageMetrics
  /** How long after its expiry a strip is still kept, so that a late extension finds it. */
  expiryGraceMs: number
}

/** Deletes what has run out; the envelope of an object goes with the last that is here of it. */
export async function sweep(parts: SweepDependencies): Promise<SweepReport> {
  const reservations = await sweepReservations(parts)
  const strips = await sweepStrips(parts)
  await sweepSpreads(parts)
  return { reservations, strips }
}

/** A reservation runs out when its time is over and, where bytes came, the last one is a week old. */
async function sweepReservations(parts: SweepDependencies): Promise<number> {
  const nowMs = parts.clock.nowMs()
  const lastWrites = new Map<string, number>()
  for await (const { key, place, lastWriteMs } of parts.blobs.list()) {
    if (place === 'staged') lastWrites.set(formatStripKey(key), lastWriteMs)
  }
  let swept = 0
  for (const { offer, index } of await parts.index.list(KEY_SPACE.reservations)) {
    const key = stripKeyOf({ ...offer.message, index })
    const lastWriteMs = lastWrites.get(formatStripKey(key)) ?? 0
    const done = await parts.reservations.expire(key, async (held) => {
      if (held.heldUntilMs > nowMs) return false
      // Bytes that came after the list was read: not now.
      const staged = await parts.blobs.stagedBytes(key)
      if (staged === null || staged === 0) return true
      return lastWrites.has(formatStripKey(key)) && lastWriteMs + STAGING_KEPT_MS <= nowMs
    })
    if (done) swept += 1
  }
  return swept
}

async function sweepStrips(parts: SweepDependencies): Promise<number> {
  const isOver = ({ expirySeconds }: { expirySeconds: number }) =>
    expirySeconds * 1000 + parts.expiryGraceMs <= parts.clock.nowMs()
  let swept = 0
  for await (const record of parts.index.values(KEY_SPACE.strips)) {
    if (!isOver(record)) continue
    const key: StripKey = record.commit.message
    if (await parts.strips.drop(key, (now) => Promise.resolve(isOver(now)))) swept += 1
  }
  parts.metrics.add('strips_expired_total', swept)
  return swept
}

/** What this node brought elsewhere is remembered as long as the commit promises it. */
async function sweepSpreads({ index, clock, expiryGraceMs }: SweepDependencies): Promise<void> {
  for await (const { commit } of index.values(KEY_SPACE.spreads)) {
    if (commit.message.expiry * 1000 + expiryGraceMs > clock.nowMs()) continue
    await index.write([index.drop(KEY_SPACE.spreads, commit.message)])
  }
}

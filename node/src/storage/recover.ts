import type { Logger } from '@orlop/protocol/logger'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import type { RoomAccount } from '../reservations/room-account.ts'
import type { BlobStore, RecoveryReport, StripKey } from './interfaces.ts'
import { KEY_SPACE, formatStripKey } from './key-space.ts'
import type { LevelIndex } from './level-index.ts'
import type { StripRecord } from './records.ts'
import { describeStrip } from './strip-name.ts'

export interface RecoverDependencies {
  index: LevelIndex
  blobs: BlobStore
  room: RoomAccount
  logger: Logger
}

/**
 * Makes disk and index agree after any crash, and counts what there is. The rule behind it: bytes are durable before the index says
 * stored, and the index says stored before an Ack leaves. So a file the index does not know was never acknowledged.
 */
export async function recover(parts: RecoverDependencies): Promise<RecoveryReport> {
  const report: RecoveryReport = {
    temporaryFiles: 0,
    orphanStagings: 0,
    unknownFinals: 0,
    missing: [],
    outboxRefilled: 0,
  }
  await countReservations(parts)
  const finalBytes = await settleFiles(parts, report)
  for await (const record of parts.index.values(KEY_SPACE.strips)) {
    await settleStrip({ ...parts, report, record, finalBytes })
  }
  const { missing, ...counts } = report
  parts.logger.info({ ...counts, missing: missing.length }, 'storage opened')
  return report
}

async function countReservations({ index, room }: RecoverDependencies): Promise<void> {
  for await (const { offer, maxBytes } of index.values(KEY_SPACE.reservations)) {
    room.addReservation(offer.message.clientId, maxBytes)
  }
}

/** Deals with files that the index does not know. @returns the length of each final file by key. */
async function settleFiles(
  { index, blobs }: RecoverDependencies,
  report: RecoveryReport,
): Promise<Map<string, number>> {
  const finalBytes = new Map<string, number>()
  for await (const { key, place, lengthBytes } of blobs.list()) {
    const isReserved = (await index.get(KEY_SPACE.reservations, key)) !== null
    if (place === 'staged') {
      if (isReserved) continue
      await blobs.discard(key)
      report.orphanStagings += 1
    } else if ((await index.get(KEY_SPACE.strips, key)) !== null) {
      finalBytes.set(formatStripKey(key), lengthBytes)
    } else {
      report.unknownFinals += 1
      await (isReserved ? blobs.restage(key) : blobs.delete(key))
    }
  }
  return finalBytes
}

async function settleStrip(
  parts: RecoverDependencies & {
    report: RecoveryReport
    record: StripRecord
    finalBytes: Map<string, number>
  },
): Promise<void> {
  const { index, blobs, room, report, record, logger } = parts
  const { objectId, clientId, index: strip, sequence } = record.commit.message
  const key = { objectId, clientId, index: strip }
  if (await isRemoved(index, key)) {
    await index.write([index.drop(KEY_SPACE.strips, key), index.drop(KEY_SPACE.spreads, key)])
    await blobs.delete(key)
    return
  }
  room.addStored(record.stripBytes)
  if (parts.finalBytes.get(formatStripKey(key)) !== record.stripBytes) {
    report.missing.push(key)
    logger.error(
      { clientId, index: strip, stripBytes: record.stripBytes },
      `${describeStrip(key)} is promised but not on the disk: bring its file back from a copy`,
    )
  }
  if (record.state === 'final' || (await index.get(KEY_SPACE.outbox, sequence)) !== null) return
  report.outboxRefilled += 1
  const waiting = { commit: record.commit, addedAtMs: record.storedAtMs }
  await index.write([index.put(KEY_SPACE.outbox, sequence, waiting)])
}

async function isRemoved(index: LevelIndex, key: StripKey): Promise<boolean> {
  if ((await index.get(KEY_SPACE.tombstones, key)) !== null) return true
  return (await index.get(KEY_SPACE.tombstones, { ...key, index: EVERY_STRIP })) !== null
}

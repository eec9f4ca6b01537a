import { OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import type { RoomAccount } from '../reservations/room-account.ts'
import type { BlobStore, RecoveryReport, StripKey } from './interfaces.ts'
import { KEY_SPACE, formatStripKey, parseObjectKey } from './key-space.ts'
import type { LevelEnvelopeShelf } from './level-envelope-shelf.ts'
import type { LevelIndex } from './level-index.ts'
import type { StripRecord } from './records.ts'
import { stripKeyOf } from './strip-key.ts'
import { describeStrip } from './strip-name.ts'

export interface RecoverDependencies {
  index: LevelIndex
  blobs: BlobStore
  room: RoomAccount
  envelopes: Pick<LevelEnvelopeShelf, 'dropUnused'>
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
    restaged: 0,
    deletedFinals: 0,
    setAside: [],
    missing: [],
    outboxRefilled: 0,
    orphanEnvelopes: 0,
  }
  await countReservations(parts)
  const finalBytes = await settleFiles(parts, report)
  for await (const record of parts.index.values(KEY_SPACE.strips)) {
    await settleStrip({ ...parts, report, record, finalBytes })
  }
  await settleEnvelopes(parts, report)
  const { missing, setAside, ...counts } = report
  const named = { missing: missing.length, setAside: setAside.length }
  parts.logger.info({ ...counts, ...named }, 'storage opened')
  return report
}

async function countReservations({ index, room }: RecoverDependencies): Promise<void> {
  for await (const { offer, maxBytes } of index.values(KEY_SPACE.reservations)) {
    room.addReservation(offer.message.clientId, maxBytes)
  }
}

/** Deals with files that the index does not know. @returns the length of each final file by key. */
async function settleFiles(
  parts: RecoverDependencies,
  report: RecoveryReport,
): Promise<Map<string, number>> {
  const { index, blobs } = parts
  const finalBytes = new Map<string, number>()
  for await (const { key, place, lengthBytes } of blobs.list()) {
    const isReserved = (await index.get(KEY_SPACE.reservations, key)) !== null
    if (place === 'final' && (await index.get(KEY_SPACE.strips, key)) !== null) {
      finalBytes.set(formatStripKey(key), lengthBytes)
    } else if (place === 'final') {
      await settleUnknown(parts, report, { key, isReserved })
    } else if (!isReserved) {
      await blobs.discard(key)
      report.orphanStagings += 1
    }
  }
  return finalBytes
}

/** A final file without an entry. Only what is explained is deleted: the index may be the part that is wrong. */
async function settleUnknown(
  { index, blobs, logger }: RecoverDependencies,
  report: RecoveryReport,
  { key, isReserved }: { key: StripKey; isReserved: boolean },
): Promise<void> {
  if (isReserved) {
    await blobs.restage(key)
    report.restaged += 1
  } else if (await isRemoved(index, key)) {
    await blobs.delete(key)
    report.deletedFinals += 1
  } else {
    await assertIndexLived(index)
    await blobs.setAside(key)
    report.setAside.push(key)
    logger.error(
      { clientId: key.clientId, index: key.index },
      `${describeStrip(key)} is on the disk but not in the index: its file was moved to blobs/unknown`,
    )
  }
}

/** Files can only be here after receipt numbers were given: an index that never gave one is not theirs. */
async function assertIndexLived(index: LevelIndex): Promise<void> {
  if ((await index.get(KEY_SPACE.counters, 'next-sequence')) !== null) return
  throw new OrlopError(
    'HOME_DAMAGED',
    'The node has strips on its disk but an empty index. Put the index folder back from a copy, or move the blobs folder away to begin anew.',
  )
}

async function settleStrip(
  parts: RecoverDependencies & {
    report: RecoveryReport
    record: StripRecord
    finalBytes: Map<string, number>
  },
): Promise<void> {
  const { index, blobs, room, report, record, logger } = parts
  const { clientId, index: strip, sequence } = record.commit.message
  const key = stripKeyOf(record.commit.message)
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

/** Counts the envelopes. Those that outlived their object by a crash, or in an earlier version, go. */
async function settleEnvelopes(
  { index, room, envelopes }: RecoverDependencies,
  report: RecoveryReport,
): Promise<void> {
  for await (const [name, { envelope }] of index.entries(KEY_SPACE.envelopes)) {
    room.addStored(envelope.length)
    if (await envelopes.dropUnused(parseObjectKey(name))) report.orphanEnvelopes += 1
  }
}

async function isRemoved(index: LevelIndex, key: StripKey): Promise<boolean> {
  if ((await index.get(KEY_SPACE.tombstones, key)) !== null) return true
  return (await index.get(KEY_SPACE.tombstones, { ...key, index: EVERY_STRIP })) !== null
}

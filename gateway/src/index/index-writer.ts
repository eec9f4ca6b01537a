import { encodeHex } from '@orlop/crypto/bytes'
import type { RatingEvent, RegistryEvent } from '@orlop/protocol/history-events'
import type { LedgerHead, ObjectEvent, Receipt } from '@orlop/protocol/ledger-records'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { HistoryWriter } from './history-writer.ts'
import { EXPIRED, LIVE, MOVED, REMOVED } from './index-schema.ts'
import type { IndexFile } from './index-file.ts'
import { ledgerRowId } from './ledger-row-id.ts'
import { LogPlaces, hashBytes } from './log-places.ts'

/** Logs to be put into the index together, each kind in ledger order. */
export interface LogSlice {
  receipts: Receipt[]
  objectEvents: ObjectEvent[]
  ratingEvents: RatingEvent[]
  registryEvents: RegistryEvent[]
}

const TABLES_OF_LOGS = [
  'receipts',
  'objects',
  'object_events',
  'credit_events',
  'registry_events',
] as const

/** An object by its name on the ledger. */
interface ObjectName {
  objectId: Uint8Array
  clientId: number
}

/** Changes the rows that come from logs. Each method is one step of a transaction that its caller runs. */
export class IndexWriter {
  readonly #file: IndexFile
  readonly #places: LogPlaces
  readonly #history: HistoryWriter

  constructor(file: IndexFile) {
    this.#file = file
    this.#places = new LogPlaces(file)
    this.#history = new HistoryWriter(file, this.#places)
  }

  /** Adds logs of blocks after the newest. A log that is there already changes nothing. */
  add({ receipts, objectEvents, ratingEvents, registryEvents }: LogSlice): void {
    this.#places.dropNotes()
    for (const receipt of receipts) this.#addReceipt(receipt)
    for (const event of objectEvents) this.#addObjectEvent(event)
    for (const event of ratingEvents) this.#history.addRatingEvent(event)
    for (const event of registryEvents) this.#history.addRegistryEvent(event)
    this.#places.writeNotes()
    const changed = new Map<string, ObjectName>()
    for (const event of objectEvents) changed.set(nameKey(event), event)
    for (const receipt of receipts) {
      if (this.#hasEvents(receipt)) changed.set(nameKey(receipt), receipt)
    }
    for (const name of changed.values()) this.#judgeStrips(name)
  }

  putBlock({ blockNumber, blockHash, blockTimeMs }: LedgerHead): void {
    this.#file
      .prepare('INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)')
      .run(blockNumber, hashBytes(blockHash), blockTimeMs)
  }

  /** Takes away every row of this block and those after it. */
  dropFrom(blockNumber: number): void {
    const id = ledgerRowId(blockNumber, 0)
    const touched = this.#file
      .prepare('SELECT DISTINCT object_id, client_id FROM object_events WHERE id >= ?')
      .all(id)
      .map((row) => ({
        objectId: row['object_id'] as Uint8Array,
        clientId: Number(row['client_id']),
      }))
    for (const table of TABLES_OF_LOGS) {
      this.#file.prepare(`DELETE FROM ${table} WHERE id >= ?`).run(id)
    }
    this.#file.prepare('DELETE FROM transactions WHERE block_number >= ?').run(blockNumber)
    this.#file.prepare('DELETE FROM blocks WHERE number >= ?').run(blockNumber)
    for (const name of touched) this.#judgeStrips(name)
  }

  /** @param headTimeMs - time of the newest block. */
  forgetHeartbeats(headTimeMs: number): void {
    this.#history.forgetHeartbeats(headTimeMs)
  }

  /** Lets strips run out, or takes that back, as the time of the newest block has it. */
  expireStrips(headTimeMs: number): void {
    const headSeconds = Math.floor(headTimeMs / 1000)
    this.#file
      .prepare(`UPDATE receipts SET state = ${EXPIRED} WHERE state = ${LIVE} AND expiry <= ?`)
      .run(headSeconds)
    this.#file
      .prepare(`UPDATE receipts SET state = ${LIVE} WHERE state = ${EXPIRED} AND expiry > ?`)
      .run(headSeconds)
  }

  #addReceipt(receipt: Receipt): void {
    const { position, headerHash, root } = receipt
    const { id, transactionId } = this.#places.take(position, 'recorded')
    const object = this.#objectOf(receipt, id)
    const { clientId, nodeId, sequence, index, k, m, classCode, level } = receipt
    const numbers = [clientId, nodeId, sequence, index, k, m, classCode, level]
    const { flags, streamBytes, expiry, batchId } = receipt
    const { changes } = this.#file
      .prepare(
        `INSERT OR IGNORE INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${LIVE}, ?, ?)`,
      )
      .run(
        ...[id, object, transactionId, ...numbers, flags, streamBytes, expiry, expiry, batchId],
        ...[headerHash, root],
      )
    if (changes === 0) return
    this.#places.note(transactionId, { clientIds: [clientId], nodeIds: [nodeId], streamBytes })
  }

  #objectOf(receipt: Receipt, id: number): number {
    const { objectId, clientId, classCode, level, k, m, streamBytes, headerHash } = receipt
    const known = this.#file
      .prepare('SELECT id FROM objects WHERE object_id = ? AND client_id = ?')
      .get(objectId, clientId)
    if (known !== undefined) return Number(known['id'])
    this.#file
      .prepare('INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(id, objectId, clientId, classCode, level, k, m, streamBytes, headerHash)
    return id
  }

  #addObjectEvent(event: ObjectEvent): void {
    const { kind, objectId, clientId, position } = event
    const { id, transactionId } = this.#places.take(position, kind)
    this.#file
      .prepare('INSERT OR IGNORE INTO object_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(id, transactionId, kind, objectId, clientId, ...eventFields(event))
    const nodeIds = kind === 'moved' ? [event.fromNodeId, event.toNodeId] : []
    this.#places.note(transactionId, { clientIds: [clientId], nodeIds })
  }

  #hasEvents({ objectId, clientId }: ObjectName): boolean {
    const event = this.#file
      .prepare('SELECT 1 FROM object_events WHERE object_id = ? AND client_id = ? LIMIT 1')
      .get(objectId, clientId)
    return event !== undefined
  }

  /**
   * Says anew what became of an object's strips. The rules are those of `Keeping.sol`, and do not depend on the order of events:
   * an extension or removal is of one strip or of every one, now and later. Who runs out is for `expireStrips`.
   */
  #judgeStrips({ objectId, clientId }: ObjectName): void {
    const of = `FROM object_events e WHERE e.object_id = :objectId AND e.client_id = :clientId`
    const ofStrip = `e.strip IN (receipts.strip, ${EVERY_STRIP})`
    this.#file
      .prepare(
        `UPDATE receipts SET
           expiry = max(commit_expiry, coalesce(
             (SELECT max(e.expiry) ${of} AND e.kind = 'extended' AND ${ofStrip}), 0)),
           state = CASE
             WHEN EXISTS (SELECT 1 ${of} AND e.kind = 'moved' AND e.from_node_id = receipts.node_id
               AND e.from_sequence = receipts.sequence) THEN ${MOVED}
             WHEN EXISTS (SELECT 1 ${of} AND e.kind = 'removed' AND ${ofStrip}) THEN ${REMOVED}
             ELSE ${LIVE} END
         WHERE object = (SELECT id FROM objects WHERE object_id = :objectId AND client_id = :clientId)`,
      )
      .run({ objectId, clientId })
  }
}

function nameKey({ objectId, clientId }: ObjectName): string {
  return `${encodeHex(objectId)}/${clientId}`
}

/** The columns strip, expiry, from_node_id, from_sequence, to_node_id, to_sequence, version, envelope_hash. */
function eventFields(event: ObjectEvent): (number | Uint8Array | null)[] {
  switch (event.kind) {
    case 'extended':
      return [event.index, event.expiry, null, null, null, null, null, null]
    case 'removed':
      return [event.index, null, null, null, null, null, null, null]
    case 'moved': {
      const { fromNodeId, fromSequence, toNodeId, toSequence } = event
      return [event.index, null, fromNodeId, fromSequence, toNodeId, toSequence, null, null]
    }
    case 'envelope':
      return [null, null, null, null, null, null, event.version, event.envelopeHash]
  }
}

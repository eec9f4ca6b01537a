import type { ApiObjectEvent } from '@orlop/protocol/api/objects'
import { formatObjectId } from '@orlop/protocol/ids'
import type { IndexFile } from '../index-file.ts'
import { ledgerRowId } from '../ledger-row-id.ts'
import { POSITION_COLUMNS, positionJoins, positionOf } from './log-position.ts'
import { toBytes, toCount, toHash, toText, type Row } from './row-values.ts'

const ROWS = `SELECT v.*, ${POSITION_COLUMNS} FROM object_events v ${positionJoins('v')}`

/** What changed objects after their receipts, in ledger order. */
export class ObjectEventQueries {
  readonly #file: IndexFile

  constructor(file: IndexFile) {
    this.#file = file
  }

  ofObject(name: { objectId: Uint8Array; clientId: number }, limit: number): ApiObjectEvent[] {
    return this.#file
      .prepare(`${ROWS} WHERE v.object_id = ? AND v.client_id = ? ORDER BY v.id LIMIT ?`)
      .all(name.objectId, name.clientId, limit)
      .map(toEvent)
  }

  ofTransaction(place: { id: number; blockNumber: number }, limit: number): ApiObjectEvent[] {
    const { id, blockNumber } = place
    return this.#file
      .prepare(
        `${ROWS} WHERE v.id >= ? AND v.id < ? AND v.transaction_id = ? ORDER BY v.id LIMIT ?`,
      )
      .all(ledgerRowId(blockNumber, 0), ledgerRowId(blockNumber + 1, 0), id, limit)
      .map(toEvent)
  }
}

function toEvent(row: Row): ApiObjectEvent {
  const objectId = formatObjectId(toBytes(row['object_id']))
  const common = { objectId, clientId: toCount(row['client_id']), position: positionOf(row) }
  const index = toCount(row['strip'])
  switch (toText(row['kind'])) {
    case 'extended':
      return { kind: 'extended', ...common, index, expirySeconds: toCount(row['expiry']) }
    case 'removed':
      return { kind: 'removed', ...common, index }
    case 'moved':
      return {
        kind: 'moved',
        ...common,
        index,
        fromNodeId: toCount(row['from_node_id']),
        fromSequence: toCount(row['from_sequence']),
        toNodeId: toCount(row['to_node_id']),
        toSequence: toCount(row['to_sequence']),
      }
    default:
      return {
        kind: 'envelope',
        ...common,
        version: toCount(row['version']),
        envelopeHash: toHash(row['envelope_hash']),
      }
  }
}

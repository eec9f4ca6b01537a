import { MAX_NAMED_PARTIES, type ApiTransactionSummary } from '@orlop/protocol/api/transactions'
import type { IndexFile } from '../index-file.ts'
import { kindBit } from '../index-schema.ts'
import { toCount, toText, type Row } from './row-values.ts'

type Parties = Pick<ApiTransactionSummary, 'receiptCount' | 'streamBytes' | 'clients' | 'nodes'>

/** From the first row of a transaction's logs to before the first of the next one's. */
interface LogRange {
  first: number
  end: number
}

const RECEIPTS = `SELECT client_id, node_id, count(*) AS receipts, total(stream_bytes) AS stream_bytes
  FROM receipts WHERE id >= ? AND id < ? GROUP BY client_id, node_id`
const EVENTS = `
SELECT client_id, to_node_id AS node_id FROM object_events WHERE id >= :first AND id < :end
UNION SELECT client_id, from_node_id FROM object_events WHERE id >= :first AND id < :end
UNION SELECT client_id, node_id FROM credit_events WHERE id >= :first AND id < :end
UNION SELECT client_id, node_id FROM registry_events WHERE id >= :first AND id < :end
UNION SELECT client_id, former_node_id FROM registry_events WHERE id >= :first AND id < :end`
/** Of `transactions.kinds`: a transaction that only recorded has no rows but receipts. */
const RECORDED = kindBit('recorded')

/** Whom transactions are about. */
export class TransactionParties {
  readonly #file: IndexFile

  constructor(file: IndexFile) {
    this.#file = file
  }

  /** @param kinds - bits of the transaction's kinds. */
  within({ first, end }: LogRange, kinds: number): Parties {
    const receipts = (kinds & RECORDED) === 0 ? [] : this.#file.prepare(RECEIPTS).all(first, end)
    const others = kinds === RECORDED ? [] : this.#file.prepare(EVENTS).all({ first, end })
    const rows = [...receipts, ...others]
    const sum = (column: string) => receipts.reduce((sum, row) => sum + Number(row[column]), 0)
    return {
      receiptCount: toCount(sum('receipts')),
      streamBytes: toCount(sum('stream_bytes')),
      clients: idsOf(rows, 'client_id').map((clientId) => ({
        clientId,
        name: this.#nameOf('clients', clientId),
      })),
      nodes: idsOf(rows, 'node_id').map((nodeId) => ({
        nodeId,
        name: this.#nameOf('nodes', nodeId),
      })),
    }
  }

  #nameOf(table: 'clients' | 'nodes', id: number): string {
    const key = table === 'clients' ? 'client_id' : 'node_id'
    return toText(
      this.#file.prepare(`SELECT name FROM ${table} WHERE ${key} = ?`).get(id)?.['name'],
    )
  }
}

/** The lowest ids in a column, each once. */
function idsOf(rows: readonly Row[], column: string): number[] {
  const ids = new Set(rows.map((row) => Number(row[column] ?? 0)).filter((id) => id > 0))
  return [...ids].sort((left, right) => left - right).slice(0, MAX_NAMED_PARTIES)
}

import { MAX_NAMED_PARTIES, type TransactionKind } from '@orlop/protocol/api/transactions'
import { decodeHex } from '@orlop/crypto/bytes'
import type { LedgerPosition } from '@orlop/protocol/ledger-records'
import type { SQLOutputValue } from 'node:sqlite'
import type { IndexFile } from './index-file.ts'
import { kindBit } from './index-schema.ts'
import { ledgerRowId } from './ledger-row-id.ts'

/** What a log adds to what a list shows of its transaction. */
export interface LogNote {
  clientIds: readonly (number | null)[]
  nodeIds: readonly (number | null)[]
  /** Of a receipt. */
  streamBytes?: number
}

interface Notes {
  clientIds: Set<number>
  nodeIds: Set<number>
  receipts: number
  streamBytes: number
}

/** Numbers for a log's row, and the rows of the block and the transaction that it stands in. */
export class LogPlaces {
  readonly #file: IndexFile
  readonly #notes = new Map<number, Notes>()

  constructor(file: IndexFile) {
    this.#file = file
  }

  /** Makes sure of these rows, and that the transaction is known to hold something of this kind. */
  take(position: LedgerPosition, kind: TransactionKind): { id: number; transactionId: number } {
    const id = ledgerRowId(position.blockNumber, position.logIndex)
    const hash = hashBytes(position.transactionHash)
    const known = this.#file
      .prepare('SELECT id, first_id, kinds FROM transactions WHERE hash = ?')
      .get(hash)
    if (known === undefined) return { id, transactionId: this.#add(position, id, kind) }
    const [transactionId, firstId, kinds] = [known['id'], known['first_id'], known['kinds']].map(
      Number,
    ) as [number, number, number]
    // The kinds of a slice come one after the other, so that a log of a later kind may stand before those that are there.
    if (id < firstId || (kinds & kindBit(kind)) === 0) {
      this.#file
        .prepare('UPDATE transactions SET first_id = min(first_id, ?), kinds = ? WHERE id = ?')
        .run(id, kinds | kindBit(kind), transactionId)
    }
    return { id, transactionId }
  }

  /** Remembers what a log adds to its transaction, until {@link LogPlaces.writeNotes}. */
  note(transactionId: number, { clientIds, nodeIds, streamBytes }: LogNote): void {
    let notes = this.#notes.get(transactionId)
    if (notes === undefined) {
      notes = { clientIds: new Set(), nodeIds: new Set(), receipts: 0, streamBytes: 0 }
      this.#notes.set(transactionId, notes)
    }
    for (const id of clientIds) if (id !== null) notes.clientIds.add(id)
    for (const id of nodeIds) if (id !== null) notes.nodeIds.add(id)
    if (streamBytes === undefined) return
    notes.receipts += 1
    notes.streamBytes = Math.min(notes.streamBytes + streamBytes, Number.MAX_SAFE_INTEGER)
  }

  /** Begins anew: what was noted for a step that failed is not to be counted in the next one. */
  dropNotes(): void {
    this.#notes.clear()
  }

  /** Writes what was noted: one row for each transaction, however many logs it holds. */
  writeNotes(): void {
    for (const [transactionId, notes] of this.#notes) {
      const held = this.#file
        .prepare('SELECT client_ids, node_ids FROM transactions WHERE id = ?')
        .get(transactionId)
      this.#file
        .prepare(
          `UPDATE transactions SET receipts = receipts + ?, client_ids = ?, node_ids = ?,
             stream_bytes = min(stream_bytes + ?, ${Number.MAX_SAFE_INTEGER}) WHERE id = ?`,
        )
        .run(
          notes.receipts,
          lowest(held?.['client_ids'], notes.clientIds),
          lowest(held?.['node_ids'], notes.nodeIds),
          notes.streamBytes,
          transactionId,
        )
    }
    this.#notes.clear()
  }

  #add(position: LedgerPosition, id: number, kind: TransactionKind): number {
    const { blockNumber, blockHash, blockTimeMs, transactionHash } = position
    this.#file
      .prepare('INSERT OR IGNORE INTO blocks VALUES (?, ?, ?)')
      .run(blockNumber, hashBytes(blockHash), blockTimeMs)
    const added = this.#file
      .prepare('INSERT INTO transactions (block_number, hash, first_id, kinds) VALUES (?, ?, ?, ?)')
      .run(blockNumber, hashBytes(transactionHash), id, kindBit(kind))
    return Number(added.lastInsertRowid)
  }
}

/** The bytes of a hash with its 0x. */
export function hashBytes(hash: string): Uint8Array {
  return decodeHex(hash.slice(2))
}

/** The lowest ids of those held and those new, as they are held. */
function lowest(held: SQLOutputValue | undefined, ids: ReadonlySet<number>): string {
  const known = typeof held === 'string' ? (JSON.parse(held) as number[]) : []
  const all = new Set([...known, ...ids])
  return JSON.stringify([...all].sort((left, right) => left - right).slice(0, MAX_NAMED_PARTIES))
}

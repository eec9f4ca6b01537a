import type { TransactionKind } from '@orlop/protocol/api/transactions'
import { decodeHex } from '@orlop/crypto/bytes'
import type { LedgerPosition } from '@orlop/protocol/ledger-records'
import type { IndexFile } from './index-file.ts'
import { kindBit } from './index-schema.ts'
import { ledgerRowId } from './ledger-row-id.ts'

/** Numbers for a log's row, and the rows of the block and the transaction that it stands in. */
export class LogPlaces {
  readonly #file: IndexFile

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

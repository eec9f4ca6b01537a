import { decodeHex } from '@orlop/crypto/bytes'
import { MAX_DETAIL_ITEMS, type ApiTransaction } from '@orlop/protocol/api/objects'
import type { IndexFile } from '../index-file.ts'
import { ObjectEventQueries } from './object-event-queries.ts'
import type { RatingQueries } from './rating-queries.ts'
import type { ReceiptQueries } from './receipt-queries.ts'
import { toCount, toHash } from './row-values.ts'

interface Parts {
  file: IndexFile
  receipts: ReceiptQueries
  ratings: RatingQueries
}

/** What transactions of the ledger did. */
export class TransactionQueries {
  readonly #parts: Parts
  readonly #events: ObjectEventQueries

  constructor(parts: Parts) {
    this.#parts = parts
    this.#events = new ObjectEventQueries(parts.file)
  }

  /** null for a transaction that did nothing about storage, or is not on the ledger. */
  one(transactionHash: string): ApiTransaction | null {
    const { file, receipts, ratings } = this.#parts
    const row = file
      .prepare(
        `SELECT t.id, t.block_number, b.hash, b.time_ms FROM transactions t
         JOIN blocks b ON b.number = t.block_number WHERE t.hash = ?`,
      )
      .get(decodeHex(transactionHash.slice(2)))
    if (row === undefined) return null
    const place = { id: Number(row['id']), blockNumber: Number(row['block_number']) }
    const limit = MAX_DETAIL_ITEMS + 1
    const lists = [
      receipts.ofTransaction(place, limit),
      this.#events.ofTransaction(place, limit),
      ratings.ofTransaction(place, limit),
    ] as const
    return {
      transactionHash,
      blockNumber: place.blockNumber,
      blockHash: toHash(row['hash']),
      blockTimeMs: toCount(row['time_ms']),
      receipts: lists[0].slice(0, MAX_DETAIL_ITEMS),
      events: lists[1].slice(0, MAX_DETAIL_ITEMS),
      ratings: lists[2].slice(0, MAX_DETAIL_ITEMS),
      isTruncated: lists.some((list) => list.length > MAX_DETAIL_ITEMS),
    }
  }
}

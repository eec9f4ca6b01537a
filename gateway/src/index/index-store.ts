import { encodeHex } from '@orlop/crypto/bytes'
import type { LedgerHead } from '@orlop/protocol/ledger-records'
import type { IndexFile } from './index-file.ts'
import { IndexWriter, type LogSlice } from './index-writer.ts'
import { ledgerPlace, ledgerRowId } from './ledger-row-id.ts'
import { putStandings, type Standings } from './standing-store.ts'

/** Rows that go in one transaction when blocks vanish, so that questions find their turn between. */
const DROPPED_ROWS = 2_000
/** Blocks without logs are kept for this many blocks: they only serve to find where two histories part. */
const KEPT_EMPTY_BLOCKS = 256

/**
 * How far the index has followed the ledger, and the steps by which it goes on. A step may take several transactions; only its last one
 * moves {@link IndexStore.indexed}, so that a process that dies in between leaves rows that the next step drops first.
 */
export class IndexStore {
  /** The newest block the ledger told of; null before it answered. */
  head: LedgerHead | null = null
  readonly #file: IndexFile
  readonly #writer: IndexWriter

  constructor(file: IndexFile) {
    this.#file = file
    this.#writer = new IndexWriter(file)
  }

  /** The newest block whose logs, and those of all before it, are in the index; null before the first. */
  get indexed(): LedgerHead | null {
    const number = this.#indexedNumber()
    return number === null ? null : this.#blockBefore(number + 1)
  }

  /** Blocks the index remembers, counted back from the newest; null beyond the first. */
  remembered(stepsBack: number): LedgerHead | null {
    const row = this.#file
      .prepare('SELECT number, hash, time_ms FROM blocks ORDER BY number DESC LIMIT 1 OFFSET ?')
      .get(stepsBack)
    return row === undefined ? null : toHead(row)
  }

  /** Adds logs of blocks after {@link IndexStore.indexed}, which does not move yet. */
  add(slice: LogSlice): void {
    this.#file.transact(() => {
      this.#writer.add(slice)
    })
  }

  /** Ends a step: with the last of its logs, up to and with block `end`. */
  finish(slice: LogSlice, end: LedgerHead): void {
    this.#file.transact(() => {
      this.#writer.add(slice)
      this.#writer.putBlock(end)
      this.#setIndexed(end.blockNumber)
      this.#writer.expireStrips(end.blockTimeMs)
      this.#writer.forgetHeartbeats(end.blockTimeMs)
      this.#forgetEmptyBlocks(end.blockNumber)
    })
  }

  /** Says what nodes and clients are now. @returns ids of the nodes that are new or changed. */
  putStandings(standings: Standings): number[] {
    return this.#file.transact(() => putStandings(this.#file, standings))
  }

  /**
   * Takes away rows of this block and later ones, the newest first and not too many at once; the index is whole after each call.
   *
   * @returns whether none are left.
   */
  dropSome(fromBlock: number): boolean {
    const cut = this.#cutOf(fromBlock)
    this.#file.transact(() => {
      this.#writer.dropFrom(cut)
      const newest = this.#blockBefore(cut)
      this.#writer.expireStrips(newest?.blockTimeMs ?? 0)
      const indexed = this.#indexedNumber()
      if (indexed !== null && indexed >= cut) this.#setIndexed(newest?.blockNumber ?? null)
    })
    return cut === fromBlock
  }

  /** Whether rows of a step that never ended are there. */
  hasLeftovers(fromBlock: number): boolean {
    const newest = this.remembered(0)
    return newest !== null && newest.blockNumber >= fromBlock
  }

  /** The block from which on there are not too many rows. */
  #cutOf(fromBlock: number): number {
    const first = ledgerRowId(fromBlock, 0)
    const ids = [
      'SELECT id FROM receipts WHERE id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?',
      'SELECT first_id AS id FROM transactions WHERE first_id >= ? ORDER BY first_id DESC LIMIT 1 OFFSET ?',
    ].map((sql) => this.#file.prepare(sql).get(first, DROPPED_ROWS)?.['id'] ?? first)
    return ledgerPlace(Math.max(...ids.map(Number))).blockNumber
  }

  #blockBefore(number: number): LedgerHead | null {
    const row = this.#file
      .prepare(
        'SELECT number, hash, time_ms FROM blocks WHERE number < ? ORDER BY number DESC LIMIT 1',
      )
      .get(number)
    return row === undefined ? null : toHead(row)
  }

  #indexedNumber(): number | null {
    const fact = this.#file.prepare("SELECT value FROM facts WHERE name = 'indexed'").get()
    return fact === undefined ? null : Number(fact['value'])
  }

  #setIndexed(blockNumber: number | null): void {
    if (blockNumber === null) {
      this.#file.prepare("DELETE FROM facts WHERE name = 'indexed'").run()
      return
    }
    this.#file
      .prepare("INSERT OR REPLACE INTO facts VALUES ('indexed', ?)")
      .run(String(blockNumber))
  }

  #forgetEmptyBlocks(endBlock: number): void {
    this.#file
      .prepare(
        `DELETE FROM blocks WHERE number BETWEEN ? AND ?
         AND NOT EXISTS (SELECT 1 FROM transactions WHERE block_number = blocks.number)`,
      )
      .run(endBlock - 4 * KEPT_EMPTY_BLOCKS, endBlock - KEPT_EMPTY_BLOCKS)
  }
}

function toHead(row: Record<string, unknown>): LedgerHead {
  return {
    blockNumber: Number(row['number']),
    blockHash: `0x${encodeHex(row['hash'] as Uint8Array)}`,
    blockTimeMs: Number(row['time_ms']),
  }
}

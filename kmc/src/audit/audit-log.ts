import * as z from 'zod'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import type { RowDraft } from '../rows/row-draft.ts'
import type { SealedRows } from '../rows/sealed-rows.ts'
import { type KeyStore, MAX_PAGE_ROWS } from '../store/key-store.ts'
import {
  type AuditEntry,
  type AuditHead,
  EMPTY_AUDIT,
  encodeAuditEntry,
  hashAuditEntry,
} from './audit-entry.ts'

const HEAD_PLACE = 'audit-head'
/** What the keys of entries begin with; their numbers follow. */
export const ENTRIES = 'audit/'
const NUMBER_DIGITS = 16

const headSchema = z.strictObject({ count: z.int(), hash: z.instanceof(Uint8Array) })

/** Adds an entry to the log, in the same transaction as what it tells of: neither can be without the other. */
export async function appendAudit(
  draft: RowDraft,
  act: Omit<AuditEntry, 'number' | 'previous'>,
): Promise<void> {
  const head = decodeHead(await draft.get(HEAD_PLACE))
  const number = head.count + 1
  const bytes = encodeAuditEntry({ ...act, number, previous: head.hash })
  draft.append(entryKey(number), bytes)
  draft.put(HEAD_PLACE, encodeCbor({ count: number, hash: hashAuditEntry(bytes) }))
}

/** The end of the log as the centre knows it: to be anchored, and to check the log against. */
export async function auditHead(rows: SealedRows): Promise<AuditHead> {
  return decodeHead(await rows.get(HEAD_PLACE))
}

/** The entries' bytes in order, straight from the store: also of a sealed centre, and unchecked (`verifyAudit`). */
export async function* readAudit(store: KeyStore): AsyncGenerator<Uint8Array> {
  let after: string | undefined
  for (;;) {
    const rows = await store.list({
      prefix: ENTRIES,
      limit: MAX_PAGE_ROWS,
      ...(after === undefined ? {} : { after }),
    })
    if (rows.length === 0) return
    yield* rows.map(({ value }) => value)
    after = rows.at(-1)?.key
  }
}

/**
 * One page of the entries' bytes, as {@link readAudit} gives them.
 *
 * @param page - `after` is the number of the last entry of the page before, 0 for the first page; `limit` 1 to 128.
 */
export async function listAudit(
  store: KeyStore,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<Uint8Array[]> {
  const rows = await store.list({ prefix: ENTRIES, after: entryKey(after), limit })
  return rows.map(({ value }) => value)
}

/**
 * The number of the last entry, straight from the store: also of a sealed centre, and unchecked. 0 when there is none.
 *
 * Entries have no gaps, so it is found by halving: some dozens of readings, however long the log is.
 */
export async function lastAuditNumber(store: KeyStore): Promise<number> {
  const isThere = async (number: number) => (await store.get(entryKey(number))) !== null
  let missing = 1
  while (await isThere(missing)) missing *= 2
  let there = Math.floor(missing / 2)
  while (missing - there > 1) {
    const middle = Math.floor((there + missing) / 2)
    if (await isThere(middle)) there = middle
    else missing = middle
  }
  return there
}

/** Where the store has the entry of a number. */
export function entryKey(number: number): string {
  return ENTRIES + String(number).padStart(NUMBER_DIGITS, '0')
}

function decodeHead(bytes: Uint8Array | null): AuditHead {
  return bytes === null ? EMPTY_AUDIT : headSchema.parse(decodeCbor(bytes, { maxBytes: 256 }))
}

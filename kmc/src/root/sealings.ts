import * as z from 'zod'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import type { RowDraft } from '../rows/row-draft.ts'

const PLACE = 'sealings'
const MAX_ROW_BYTES = 16

/** Where a count can be read from. */
interface Rows {
  get(place: string): Promise<Uint8Array | null>
}

/** How often an administrator has sealed the centre. */
export async function countSealings(rows: Rows): Promise<number> {
  const row = await rows.get(PLACE)
  return row === null
    ? 0
    : z
        .int()
        .min(1)
        .parse(decodeCbor(row, { maxBytes: MAX_ROW_BYTES }))
}

/** Counts one more, in the same transaction as what is told of it. */
export async function addSealing(draft: RowDraft): Promise<void> {
  draft.put(PLACE, encodeCbor((await countSealings(draft)) + 1))
}

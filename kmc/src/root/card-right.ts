import { equalConstantTime, randomBytes } from '@orlop/crypto/bytes'
import type { RowDraft } from '../rows/row-draft.ts'
import type { SealedRows } from '../rows/sealed-rows.ts'

const PLACE = 'card-right'

/** Bytes of the right that cards are given to unseal the centre. */
export const CARD_RIGHT_BYTES = 16

/** The right that cards have now, made where there is none: 16 bytes. What they keep with it is good as long as it stands. */
export async function grantCardRight(rows: SealedRows): Promise<Uint8Array> {
  return rows.update(async (draft) => {
    const standing = await draft.get(PLACE)
    if (standing !== null) return standing
    const right = randomBytes(CARD_RIGHT_BYTES)
    draft.put(PLACE, right)
    return right
  })
}

/** Takes the right from all cards of all replicas, in the same transaction as what is told of it. */
export function endCardRight(draft: RowDraft): void {
  draft.delete(PLACE)
}

export async function isCardRight(rows: SealedRows, right: Uint8Array): Promise<boolean> {
  const standing = await rows.get(PLACE)
  return standing !== null && equalConstantTime(standing, right)
}

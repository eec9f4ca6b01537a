import * as z from 'zod'
import { decodeRecord, putRecord, type RowReader } from '../keys/records.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { CERTIFICATE_PLACES, type IssuedCertificate, serialSchema } from './certificate-records.ts'

/** Most certificates of one family that are good at the same time: one transaction revokes all of them. */
export const MAX_FAMILY = 16

const familySchema = z.array(
  z.strictObject({
    serial: serialSchema,
    /** The one that was renewed; null for the first. */
    parent: serialSchema.nullable(),
    notAfterMs: z.int(),
  }),
)
type Member = z.infer<typeof familySchema>[number]

const placeOf = ({ family }: IssuedCertificate) => `${CERTIFICATE_PLACES}family/${family}`

/**
 * Those of a certificate's family that are good: it and all that were renewed one by another, those before those that they were renewed by.
 *
 * @param nowMs - ms since epoch.
 */
export async function goodFamily(
  rows: RowReader,
  issued: IssuedCertificate,
  nowMs: number,
): Promise<Member[]> {
  const row = await rows.get(placeOf(issued))
  const { serial, notAfterMs } = issued
  const alone = issued.revoked === null ? [{ serial, parent: null, notAfterMs }] : []
  const members = row === null ? alone : decodeRecord(familySchema, row)
  return members.filter(({ notAfterMs }) => notAfterMs >= nowMs)
}

/** Puts down who is good in a family. */
export function putFamily(draft: RowDraft, of: IssuedCertificate, members: readonly Member[]) {
  putRecord(draft, placeOf(of), [...members])
}

/**
 * The good ones that whoever had a certificate's key can have got: itself and what it was renewed by, directly or not. Of one that has
 * expired, the whole family, since who descends from whom is kept for good ones only.
 */
export function descendants(members: readonly Member[], serial: string): Set<string> {
  const isGood = members.some((member) => member.serial === serial)
  if (!isGood) return new Set(members.map((member) => member.serial))
  const found = new Set([serial])
  for (const { serial, parent } of members) {
    if (parent !== null && found.has(parent)) found.add(serial)
  }
  return found
}

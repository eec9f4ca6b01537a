import type { Centre } from '../centre.ts'
import { appendAudit } from '../audit/audit-log.ts'
import { putRecord } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { openAuthority } from './authority.ts'
import {
  CRL_PLACE,
  type CrlRecord,
  getCrl,
  getIssued,
  getRevocations,
  type IssuedCertificate,
  issuedPlace,
  noSuchCertificate,
  type Revocation,
  type RevocationReason,
  REVOCATIONS_PLACE,
} from './certificate-records.ts'
import { daysInMs } from './certificate-roles.ts'
import { descendants, goodFamily, putFamily } from './family.ts'
import { wholeSeconds } from './new-serial.ts'
import { encodeCrl } from './x509-forms.ts'

/** A list is good for so long: who gets no newer one by then trusts no certificate any more. */
const CRL_LIFE_MS = daysInMs(7)
/** A list is signed anew when it is this old. */
const CRL_RENEWAL_MS = daysInMs(1)
/** An expired certificate stays on the list for so long. */
const KEPT_AFTER_END_MS = daysInMs(30)
/** Most revoked certificates on the list. */
const MAX_REVOCATIONS = 2000

/** What {@link revokeInDraft} needs. */
export interface RevokeRequest {
  readonly actor: string
  readonly serial: string
  readonly reason: RevocationReason
}

/**
 * Revokes a certificate and every good one that it was renewed by, since who had its key could have renewed it; signs the next list. All
 * at once: a family has no more good ones than one transaction takes.
 *
 * @returns the serials that were revoked now; none when all were before.
 * @throws KmcError `NOT_FOUND`, `QUOTA_EXCEEDED` when the list is full
 */
export async function revokeInDraft(
  centre: Centre,
  draft: RowDraft,
  { actor, serial, reason }: RevokeRequest,
): Promise<string[]> {
  const timeMs = centre.clock.nowMs()
  const atMs = wholeSeconds(timeMs)
  const family = (await takeFromFamily(draft, serial, timeMs)).filter(
    ({ revoked }) => revoked === null,
  )
  if (family.length === 0) return []
  for (const issued of family) {
    putRecord(draft, issuedPlace(issued.serial), { ...issued, revoked: { atMs, reason } })
    const details = { serial: issued.serial, role: issued.role, name: issued.name, reason }
    await appendAudit(draft, { timeMs, actor, act: 'certificate.revoke', details })
  }
  const added = family.map(({ serial, notAfterMs }) => ({ serial, atMs, reason, notAfterMs }))
  const kept = (await getRevocations(draft)).filter(
    ({ notAfterMs }) => notAfterMs > timeMs - KEPT_AFTER_END_MS,
  )
  const all = [...kept, ...added]
  if (all.length > MAX_REVOCATIONS) {
    throw new KmcError(
      'QUOTA_EXCEEDED',
      `More than ${MAX_REVOCATIONS} certificates cannot be on the list of revoked ones. Those that expire leave it after 30 days.`,
      { details: { limit: MAX_REVOCATIONS } },
    )
  }
  await signNextCrl(centre, draft, all)
  return family.map(({ serial }) => serial)
}

/** The list, signed anew when it is a day old. */
export async function currentCrl(centre: Centre): Promise<Uint8Array> {
  const { rows } = centre
  if (!isFresh(centre, await getCrl(rows))) {
    await rows.update(async (draft) => {
      // Another replica may have been faster.
      if (isFresh(centre, await getCrl(draft))) return
      await signNextCrl(centre, draft, await getRevocations(draft))
    })
  }
  const current = await getCrl(rows)
  if (current === null) throw new TypeError('an authority has its list')
  return current.crl
}

function isFresh({ clock }: Centre, record: CrlRecord | null): boolean {
  const ageMs = clock.nowMs() - (record?.issuedAtMs ?? 0)
  return record !== null && ageMs >= 0 && ageMs < CRL_RENEWAL_MS
}

/** Signs the list with the next number. */
export async function signNextCrl(
  centre: Centre,
  draft: RowDraft,
  revocations: readonly Revocation[],
): Promise<void> {
  const { issuer } = await openAuthority(centre, draft)
  const number = ((await getCrl(draft))?.number ?? 0) + 1
  const issuedAtMs = wholeSeconds(centre.clock.nowMs())
  const nextUpdateMs = issuedAtMs + CRL_LIFE_MS
  const crl = await encodeCrl(issuer, {
    number,
    thisUpdateMs: issuedAtMs,
    nextUpdateMs,
    revocations,
  })
  putRecord(draft, REVOCATIONS_PLACE, [...revocations])
  putRecord(draft, CRL_PLACE, { number, crl, issuedAtMs })
}

/** The certificate and those that fall with it, of which some may be revoked or have expired; they leave their family. */
async function takeFromFamily(
  draft: RowDraft,
  serial: string,
  nowMs: number,
): Promise<IssuedCertificate[]> {
  const issued = await getIssued(draft, serial)
  if (issued === null) throw noSuchCertificate(serial)
  // Its descendants fell with it, and none came since.
  if (issued.revoked !== null) return []
  const members = await goodFamily(draft, issued, nowMs)
  const doomed = descendants(members, serial)
  const kept = members.filter((member) => !doomed.has(member.serial))
  if (kept.length < members.length) putFamily(draft, issued, kept)
  const taken = [issued]
  for (const other of doomed) {
    const renewed = other === serial ? null : await getIssued(draft, other)
    if (renewed !== null) taken.push(renewed)
  }
  return taken
}

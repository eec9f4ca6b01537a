import type { AnchorRecord } from '@orlop/contracts/anchors'
import { KmcError } from '../kmc-error.ts'
import { anchorsOfLog } from './anchoring.ts'
import type { AuditHead } from './audit-entry.ts'
import { verifyAudit } from './verify-audit.ts'

/** What {@link verifyAnchoredAudit} needs. */
export interface AnchoredAudit {
  /** Bytes of all entries from the first. */
  readonly entries: readonly Uint8Array[]
  /** 16 bytes. */
  readonly centreId: Uint8Array
  /** What the centre has anchored, from the ledger; null where none is asked. */
  readonly anchors: readonly AnchorRecord[] | null
  /** The log's end as the centre tells it, read before the entries; null while it is sealed. */
  readonly head: AuditHead | null
}

/** What is proven of a good log. */
export interface ProvenAudit {
  readonly goodCount: number
  /** Entries up to here have their order and latest time from the ledger; 0 for none. */
  readonly anchoredCount: number
  /** Other logs that the same centre has anchored, as before it was restored from a backup. */
  readonly otherLogs: number
}

/**
 * Checks a log with all that is known of its ends.
 *
 * @throws KmcError `AUDIT_BAD` names the first bad entry; or says that the ledger knows other logs of the centre and not this one.
 */
export async function verifyAnchoredAudit(audit: AnchoredAudit): Promise<ProvenAudit> {
  const { entries, centreId, anchors, head } = audit
  const { heads, otherLogs } = anchorsOfLog(anchors ?? [], entries[0] ?? null, centreId)
  const known = head === null ? heads : [...heads, head]
  const { firstBad, goodCount } = await verifyAudit(entries, known)
  if (firstBad !== null) {
    throw new KmcError(
      'AUDIT_BAD',
      `Entry ${firstBad.number} of the audit log is bad: ${firstBad.fault}. The ${goodCount} before it are good. Keep a copy of the store for the inquiry.`,
      { details: { ...firstBad, goodCount } },
    )
  }
  if (heads.length === 0 && otherLogs > 0) {
    throw new KmcError(
      'AUDIT_BAD',
      `The ledger has anchors of ${otherLogs} other logs of this centre and none of this one: it was begun anew. After a restored backup, anchor it once (orlop kmc audit anchor); otherwise somebody hides the log before.`,
      { details: { otherLogs } },
    )
  }
  return { goodCount, anchoredCount: heads.at(-1)?.count ?? 0, otherLogs }
}

import { encodeUtf8, concat, encodeHex } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import type { Anchor, AnchorRecord } from '@orlop/contracts/anchors'
import type { Centre } from '../centre.ts'
import type { Destruction } from '../keys/destruction.ts'
import { destructionDigest } from '../keys/destruction.ts'
import { type AuditHead, hashAuditEntry } from './audit-entry.ts'
import { auditHead, listAudit } from './audit-log.ts'

/**
 * Names a log on the ledger by its first entry: a centre that is restored begins another, and one that was written anew from the start is
 * not taken for the one before. @param first - bytes of the first entry.
 */
export function auditSubject(first: Uint8Array): Uint8Array {
  return sha256(concat(encodeUtf8('orlop/kmc/1/anchor/audit'), hashAuditEntry(first)))
}

/** Names a centre's statements of destruction on the ledger. @param centreId - 16 bytes */
export function destructionSubject(centreId: Uint8Array): Uint8Array {
  return sha256(concat(encodeUtf8('orlop/kmc/1/anchor/destruction'), centreId))
}

/** The end of a centre's log now, to be anchored; null while the log is empty. @throws KmcError `CENTRE_SEALED` */
export async function anchorOfLog({ rows, store }: Centre): Promise<Anchor | null> {
  const { count, hash } = await auditHead(rows)
  const [first] = await listAudit(store, { after: 0, limit: 1 })
  return first === undefined ? null : { subject: auditSubject(first), number: count, digest: hash }
}

/** A statement, to be anchored. */
export function anchorOfDestruction(destruction: Destruction): Anchor {
  const subject = destructionSubject(destruction.centreId)
  return { subject, number: 0, digest: destructionDigest(destruction) }
}

/** What a centre's anchors say of one log. */
export interface LogAnchors {
  /** Ends that this log had, by their counts. */
  readonly heads: readonly AuditHead[]
  /** How many other logs the same centre has anchored. */
  readonly otherLogs: number
}

/** Sorts a centre's anchors. @param first - bytes of the log's first entry; null for an empty log. */
export function anchorsOfLog(
  anchors: readonly AnchorRecord[],
  first: Uint8Array | null,
  centreId: Uint8Array,
): LogAnchors {
  const own = first === null ? '' : encodeHex(auditSubject(first))
  const statements = encodeHex(destructionSubject(centreId))
  const others = new Set<string>()
  const heads: AuditHead[] = []
  for (const { subject, number: count, digest: hash } of anchors) {
    const name = encodeHex(subject)
    if (name === own) heads.push({ count, hash })
    else if (name !== statements) others.add(name)
  }
  heads.sort((left, right) => left.count - right.count)
  return { heads, otherLogs: others.size }
}

import { equalConstantTime } from '@orlop/crypto/bytes'
import {
  type AuditEntry,
  type AuditHead,
  decodeAuditEntry,
  EMPTY_AUDIT,
  hashAuditEntry,
} from './audit-entry.ts'

/** What is wrong with an entry. */
export type AuditFault =
  /** It is no entry. */
  | 'malformed'
  /** It has not the next number: entries before it are missing, or stand twice. */
  | 'out-of-order'
  /** It is not the one that those after it, or an anchor, continue. */
  | 'changed'
  /** An anchor tells of it, and it is not there. */
  | 'missing'

export interface AuditVerdict {
  /** How many entries there are up to the first bad one. */
  readonly goodCount: number
  /** The first bad entry by its number, or null when all are good. */
  readonly firstBad: { readonly number: number; readonly fault: AuditFault } | null
}

/**
 * Checks an audit log: anybody can, with its entries and at least one anchored head. Without an anchor a log that was written anew from
 * some entry on, or cut short, looks good.
 *
 * @param entries - bytes of all entries from the first, as `readAudit` gives them.
 * @param anchors - heads known from elsewhere, such as the ledger, in the order of their counts.
 */
export async function verifyAudit(
  entries: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  anchors: readonly AuditHead[],
): Promise<AuditVerdict> {
  let good = EMPTY_AUDIT
  /** The entry before does not fit the last one; which of the two is bad, the next or an anchor tells. */
  let doubt: { earlier: AuditHead; last: AuditHead } | null = null
  for await (const bytes of entries) {
    const entry = tryDecode(bytes)
    if (doubt !== null) return settle(doubt, entry)
    const number = good.count + 1
    if (entry === null) return bad(number, 'malformed')
    if (entry.number !== number) return bad(number, 'out-of-order')
    const head = { count: number, hash: hashAuditEntry(bytes) }
    if (!equalConstantTime(entry.previous, good.hash)) {
      if (isAnchored(good, anchors) || number === 1) return bad(number, 'changed')
      if (isAnchored(head, anchors)) return bad(number - 1, 'changed')
      doubt = { earlier: good, last: head }
      continue
    }
    if (contradicts(head, anchors)) return bad(number, 'changed')
    good = head
  }
  if (doubt !== null) return settle(doubt, null)
  const missing = anchors.some(({ count }) => count > good.count)
  return missing ? bad(good.count + 1, 'missing') : { goodCount: good.count, firstBad: null }
}

/** The later of two that do not fit is whole when its follower continues it: then the earlier is bad. */
function settle(
  { earlier, last }: { earlier: AuditHead; last: AuditHead },
  next: AuditEntry | null,
): AuditVerdict {
  const isLastWhole = next !== null && equalConstantTime(next.previous, last.hash)
  if (isLastWhole) return bad(earlier.count, 'changed')
  return bad(last.count, 'changed')
}

function bad(number: number, fault: AuditFault): AuditVerdict {
  return { goodCount: number - 1, firstBad: { number, fault } }
}

function isAnchored(head: AuditHead, anchors: readonly AuditHead[]): boolean {
  return anchors.some(
    ({ count, hash }) => count === head.count && equalConstantTime(hash, head.hash),
  )
}

function contradicts(head: AuditHead, anchors: readonly AuditHead[]): boolean {
  return anchors.some(
    ({ count, hash }) => count === head.count && !equalConstantTime(hash, head.hash),
  )
}

function tryDecode(bytes: Uint8Array): AuditEntry | null {
  try {
    return decodeAuditEntry(bytes)
  } catch {
    return null
  }
}

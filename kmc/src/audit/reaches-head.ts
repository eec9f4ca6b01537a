import { equalConstantTime } from '@orlop/crypto/bytes'
import { readAnchors } from '@orlop/contracts/anchors'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import { anchorsOfLog } from './anchoring.ts'
import { type AuditHead, hashAuditEntry } from './audit-entry.ts'
import { auditHead, listAudit } from './audit-log.ts'

/**
 * Checks that the log goes at least as far as it once did, and had that end then.
 *
 * @param known - an end of this log, from elsewhere than its store.
 * @param whence - who knows it, for the message.
 * @throws KmcError `STORE_ROLLED_BACK`
 */
export async function assertReaches(
  { rows, store }: Centre,
  known: AuditHead,
  whence: string,
): Promise<void> {
  if (known.count === 0) return
  const { count } = await auditHead(rows)
  const [entry] = await listAudit(store, { after: known.count - 1, limit: 1 })
  const isThere = entry !== undefined && equalConstantTime(hashAuditEntry(entry), known.hash)
  if (count >= known.count && isThere) return
  throw new KmcError(
    'STORE_ROLLED_BACK',
    `The audit log of the store has ${count} entries, or others, and ${whence} ${known.count}: the store was brought back to an older state. Find out who did. Bring the newest one back; start with --accept-rollback only when there is none.`,
    { details: { count, known: known.count } },
  )
}

/**
 * Checks that the log goes at least as far as its newest anchor on the ledger.
 *
 * @throws KmcError `STORE_ROLLED_BACK`; OrlopError as `readAnchors`.
 */
export async function assertReachesAnchors(
  centre: Centre,
  { rpcUrl, signal }: { readonly rpcUrl: string; readonly signal: AbortSignal },
): Promise<void> {
  const { store, seal } = centre
  const anchors = await readAnchors({ rpcUrl, account: seal.record.signer, signal })
  const [first] = await listAudit(store, { after: 0, limit: 1 })
  const newest = anchorsOfLog(anchors, first ?? null, seal.centreId).heads.at(-1)
  if (newest !== undefined) await assertReaches(centre, newest, 'the ledger has')
}

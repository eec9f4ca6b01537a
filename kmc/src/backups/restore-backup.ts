import { encodeHex } from '@orlop/crypto/bytes'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { type Destruction, verifyDestruction } from '../keys/destruction.ts'
import { KmcError } from '../kmc-error.ts'
import type { OpenRow } from '../rows/row-draft.ts'
import { openBackup, readBackupLabel } from './backup-file.ts'
import { withoutKey } from './without-key.ts'

const ROWS_AT_ONCE = 30
const RESTORING = 'restoring'

/** What {@link restoreBackup} needs. */
export interface RestoreBackupRequest {
  /** Over an empty store with the backup's root record, unsealed with the shares of the lost centre. */
  readonly centre: Centre
  readonly backup: Uint8Array
  /** Statements of keys that were destroyed after this copy was made: they are not restored. */
  readonly destructions: readonly Destruction[]
  readonly actor: string
}

/**
 * Brings applications and keys of a lost centre into an empty one. A restoration that was interrupted is gone on with by the same call.
 *
 * @throws KmcError `BACKUP_DAMAGED`; `NOT_EMPTY`; `NOT_ALLOWED` for a statement that the centre did not sign; `CENTRE_SEALED`.
 */
export async function restoreBackup(request: RestoreBackupRequest): Promise<void> {
  const { centre, backup, destructions, actor } = request
  const { backupId, generation } = readBackupLabel(backup)
  const { rows } = openBackup(centre.seal.keys.backupKey, backup)
  const kept = withoutDestroyed(rows, destructions, centre.seal.record.signer)
  await begin(centre, backupId)
  for (let at = 0; at < kept.length; at += ROWS_AT_ONCE) {
    await centre.rows.update((draft) => {
      for (const { place, value } of kept.slice(at, at + ROWS_AT_ONCE)) draft.put(place, value)
      return Promise.resolve()
    })
  }
  await centre.rows.update(async (draft) => {
    draft.delete(RESTORING)
    const details = { backupId, generation, rows: kept.length }
    await appendAudit(draft, {
      actor,
      act: 'backup.restore',
      details,
      timeMs: centre.clock.nowMs(),
    })
  })
}

async function begin({ rows }: Centre, backupId: string): Promise<void> {
  const name = encodeCbor(backupId)
  const isEmpty = (await rows.sequence()) === 0
  const unfinished = await rows.get(RESTORING)
  if (!isEmpty && (unfinished === null || encodeHex(unfinished) !== encodeHex(name))) {
    throw new KmcError(
      'NOT_EMPTY',
      'A backup is restored into an empty store, and this one is in use. Start with a new folder.',
    )
  }
  await rows.update((draft) => {
    draft.put(RESTORING, name)
    return Promise.resolve()
  })
}

function withoutDestroyed(
  rows: readonly OpenRow[],
  destructions: readonly Destruction[],
  signer: Uint8Array,
): OpenRow[] {
  let kept = [...rows]
  for (const destruction of destructions) {
    if (!verifyDestruction(destruction, signer)) {
      throw new KmcError(
        'NOT_ALLOWED',
        `The statement about the key '${destruction.keyId}' is not signed by this centre. Leave it out.`,
      )
    }
    const { appId, keyId } = destruction
    kept = withoutKey(kept, { appId, keyId })
  }
  return kept
}

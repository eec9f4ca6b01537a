import { encodeHex } from '@orlop/crypto/bytes'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { type Destruction, destructionPlace, verifyDestruction } from '../keys/destruction.ts'
import { putRecord } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import type { OpenRow } from '../rows/row-draft.ts'
import { encodeBackup, openBackup, readBackupLabel } from './backup-file.ts'
import { backupPlace } from './backup-record.ts'
import type { BackupShelf } from './backup-shelf.ts'
import { withoutKey } from './without-key.ts'

const ROWS_AT_ONCE = 30
const RESTORING = 'restoring'

/** What {@link restoreBackup} needs. */
export interface RestoreBackupRequest {
  /** Over an empty store with the backup's root record, unsealed with the shares of the lost centre. */
  readonly centre: Centre
  /** Where the centre's backups lie from now on: this one is put there, so that keys can be taken out of it. */
  readonly shelf: BackupShelf
  readonly backup: Uint8Array
  /** Statements of keys that were destroyed after this copy was made: they are not restored. */
  readonly destructions: readonly Destruction[]
  readonly actor: string
}

/**
 * Brings applications and keys of a lost centre into an empty one. A restoration that was interrupted is gone on with by the same call.
 * The backups of before stay on record, this one too: a key that is destroyed later has to leave each of them.
 *
 * @throws KmcError `BACKUP_DAMAGED`; `BACKUP_OUTDATED` when the shelf has this backup without a key that was destroyed since;
 *   `NOT_EMPTY`; `NOT_ALLOWED` for a statement that the centre did not sign; `CENTRE_SEALED`.
 */
export async function restoreBackup(request: RestoreBackupRequest): Promise<void> {
  const { centre, shelf, actor } = request
  const restored = withoutDestroyed(request)
  const { backupId, generation, rows, bytes } = restored
  await assertNewest(shelf, restored)
  await begin(centre, backupId)
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    await centre.rows.update((draft) => {
      for (const { place, value } of rows.slice(at, at + ROWS_AT_ONCE)) draft.put(place, value)
      return Promise.resolve()
    })
  }
  await shelf.put(backupId, bytes, () => {})
  await centre.rows.update(async (draft) => {
    draft.delete(RESTORING)
    putRecord(draft, backupPlace(backupId), { state: 'whole', generation })
    const details = { backupId, generation, rows: rows.length }
    await appendAudit(draft, {
      actor,
      act: 'backup.restore',
      details,
      timeMs: centre.clock.nowMs(),
    })
  })
}

/** What is restored, and the backup as it lies on the shelf afterwards. */
interface Restored {
  readonly backupId: string
  readonly generation: number
  readonly rows: readonly OpenRow[]
  readonly bytes: Uint8Array
}

/** Opens the backup, and makes it anew without the keys that were destroyed since. */
function withoutDestroyed({ centre, backup, destructions }: RestoreBackupRequest): Restored {
  const { keys, record } = centre.seal
  const { backupId, generation, root } = readBackupLabel(backup)
  const { rows, createdAtMs } = openBackup(keys.backupKey, backup)
  if (destructions.length === 0) return { backupId, generation, rows, bytes: backup }
  let kept: readonly OpenRow[] = rows
  for (const destruction of destructions) {
    if (!verifyDestruction(destruction, record.signer)) throw notSigned(destruction)
    const place = destructionPlace(destruction)
    const others = withoutKey(kept, destruction).filter((row) => row.place !== place)
    kept = [...others, { place, value: encodeCbor(destruction) }]
  }
  const label = { backupId, generation: generation + 1, root }
  const bytes = encodeBackup(keys.backupKey, label, { createdAtMs, rows: kept })
  return { ...label, rows: kept, bytes }
}

function notSigned({ keyId }: Destruction): KmcError {
  return new KmcError(
    'NOT_ALLOWED',
    `The statement about the key '${keyId}' is not signed by this centre. Leave it out.`,
  )
}

async function assertNewest(shelf: BackupShelf, { backupId, generation }: Restored): Promise<void> {
  const lying = await shelf.get(backupId)
  const newest = lying === null ? 0 : readBackupLabel(lying).generation
  if (newest <= generation) return
  throw new KmcError(
    'BACKUP_OUTDATED',
    `The backup '${backupId}' is of generation ${generation}, and the folder of backups has it of generation ${newest}, without a key that was destroyed since. Restore that one.`,
    { details: { backupId, generation, newest } },
  )
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

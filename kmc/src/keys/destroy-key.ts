import { encodeHex } from '@orlop/crypto/bytes'
import { appendAudit } from '../audit/audit-log.ts'
import type { Backups } from '../backups/backups.ts'
import type { Centre } from '../centre.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { checkName, decodeRecord, getKey, keyPlace, materialPlace, putRecord } from './records.ts'
import {
  type Destruction,
  destructionDigest,
  destructionPlace,
  destructionSchema,
  signDestruction,
} from './destruction.ts'
import type { KeyName } from './keys.ts'
import { nextKeyState } from './key-states.ts'

/** What {@link destroyKey} needs. */
export interface DestroyKeyRequest {
  readonly centre: Centre
  readonly backups: Backups
  readonly actor: string
  readonly key: KeyName
}

/**
 * Destroys a revoked key: its bytes leave the store, then every backup, then what the store remembers. Only when all of that is done is
 * the key destroyed and the statement signed; when it fails before, ask again, and it goes on.
 *
 * @throws KmcError `KEY_STATE` unless the key is revoked; `BACKUP_UNREACHABLE` names the backups that could bring it back; `CONFLICT` while
 *   another replica writes backups; `NOT_FOUND`.
 */
export async function destroyKey(request: DestroyKeyRequest): Promise<Destruction> {
  const { centre, backups, actor, key } = request
  await removeBytes(request)
  await backups.removeKey(actor, key)
  await centre.store.forgetHistory()
  return centre.rows.update((draft) => finish(draft, request))
}

/** The centre's statement about a destroyed key, or null. */
export async function getDestruction(
  centre: Centre,
  { appId, keyId }: KeyName,
): Promise<Destruction | null> {
  const name = { appId: checkName('appId', appId), keyId: checkName('keyId', keyId) }
  const bytes = await centre.rows.get(destructionPlace(name))
  return bytes === null ? null : decodeRecord(destructionSchema, bytes)
}

async function removeBytes({ centre, actor, key: { appId, keyId } }: DestroyKeyRequest) {
  await centre.rows.update(async (draft) => {
    const key = await getKey(draft, appId, keyId)
    const state = nextKeyState(key, 'destroy')
    if (key.state === state) return
    putRecord(draft, keyPlace(appId, keyId), { ...key, state })
    key.versions.forEach((_, at) => draft.delete(materialPlace(appId, keyId, at + 1)))
    const details = { appId, keyId, versions: key.versions.length }
    await appendAudit(draft, { actor, act: 'key.destroy', details, timeMs: centre.clock.nowMs() })
  })
}

async function finish(draft: RowDraft, request: DestroyKeyRequest): Promise<Destruction> {
  const { centre, actor } = request
  const { appId, keyId } = request.key
  const key = await getKey(draft, appId, keyId)
  putRecord(draft, keyPlace(appId, keyId), { ...key, state: nextKeyState(key, 'finish') })
  const destroyedAtMs = centre.clock.nowMs()
  const { centreId, keys } = centre.seal
  const destruction = signDestruction(
    { centreId, appId, keyId, versions: key.versions.length, destroyedAtMs },
    keys.signingKey,
  )
  putRecord(draft, destructionPlace(destruction), destruction)
  const statement = encodeHex(destructionDigest(destruction))
  const details = { appId, keyId, statement }
  await appendAudit(draft, { actor, act: 'key.destroyed', details, timeMs: destroyedAtMs })
  return destruction
}

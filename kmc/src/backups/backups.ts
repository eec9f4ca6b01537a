import pLimit from 'p-limit'
import { encodeHex, randomBytes, wipe } from '@orlop/crypto/bytes'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { decodeKey, decodeRecord, type Key, materialPlace, putRecord } from '../keys/records.ts'
import { DESTRUCTION_PLACES } from '../keys/destruction.ts'
import type { KeyName } from '../keys/keys.ts'
import { KmcError } from '../kmc-error.ts'
import type { OpenRow } from '../rows/row-draft.ts'
import { type BackupClaim, BackupClaims } from './backup-claim.ts'
import {
  type BackupContent,
  type BackupLabel,
  encodeBackup,
  openBackup,
  readBackupLabel,
} from './backup-file.ts'
import { BACKUP_PLACES, backupPlace, backupRecordSchema } from './backup-record.ts'
import type { BackupShelf } from './backup-shelf.ts'
import { holdsKey, withoutKey } from './without-key.ts'

/**
 * What is backed up: applications, keys and their bytes, the authority and what it issued, which backups there are, so that a restored
 * centre can keep a key out of each, and statements about destroyed keys. The audit log stands in the clear and is copied as it is.
 */
const BACKED_UP = ['app/', 'key/', 'material/', 'certificate/', BACKUP_PLACES, DESTRUCTION_PLACES]
const ID_BYTES = 16

/** A backup and the keys whose bytes it holds. */
export interface BackupEntry {
  readonly backupId: string
  readonly generation: number
  readonly createdAtMs: number
  readonly keys: readonly Key[]
}

/** Makes and lists backups, and makes them anew without keys that are destroyed. */
export class Backups {
  readonly #centre: Centre
  readonly #shelf: BackupShelf
  readonly #claims: BackupClaims
  readonly #lock = pLimit(1)

  constructor(centre: Centre, shelf: BackupShelf) {
    this.#centre = centre
    this.#shelf = shelf
    this.#claims = new BackupClaims(centre)
  }

  /**
   * Makes a backup of all applications and keys as they are at one moment, while others go on changing them.
   *
   * @returns its id.
   * @throws KmcError `CENTRE_SEALED`; `CONFLICT` while another replica writes backups; whatever the shelf throws, and then there is none.
   */
  async create(actor: string): Promise<string> {
    return this.#alone(async (claim) => {
      const backupId = encodeHex(randomBytes(ID_BYTES))
      // On record before anything is read: a key that is destroyed meanwhile does not escape into it.
      await this.#centre.rows.update(async (draft) => {
        await claim.assertOnRecord(draft)
        putRecord(draft, backupPlace(backupId), { state: 'making', generation: 1 })
      })
      try {
        const rows = await this.#centre.rows.readAll(BACKED_UP)
        const content = { createdAtMs: this.#centre.clock.nowMs(), rows }
        await this.#write(claim, { backupId, generation: 1 }, content)
      } catch (error) {
        await this.#shelf.remove(backupId)
        await this.#forget(actor, backupId)
        throw error
      }
      await this.#record(claim, { actor, act: 'backup.create', backupId, generation: 1 })
      return backupId
    })
  }

  /** All backups on the shelf with the keys they hold. @throws KmcError `BACKUP_DAMAGED`, `BACKUP_OUTDATED`, `CENTRE_SEALED` */
  async list(): Promise<BackupEntry[]> {
    const entries: BackupEntry[] = []
    // One after the other: each is in the clear while it is read.
    for (const backupId of await this.#shelf.list()) {
      const { content, generation } = await this.#open(backupId)
      const { createdAtMs, rows } = content
      entries.push({ backupId, generation, createdAtMs, keys: keysIn(rows) })
      wipeRows(rows)
    }
    return entries
  }

  /**
   * Takes a backup that does not exist any more off the record, and off the shelf what a writer that was killed left unfinished of it. The
   * administrator answers for that: a copy of it could bring keys back.
   *
   * @throws KmcError `CONFLICT` while another replica writes backups
   */
  async forget(actor: string, backupId: string): Promise<void> {
    await this.#alone(async () => {
      await this.#shelf.removeUnfinished(backupId)
      await this.#forget(actor, backupId)
    })
  }

  /**
   * Makes every backup that holds a key anew without its bytes. What was done stays done when it fails in the middle.
   *
   * @returns the ids of those that were made anew.
   * @throws KmcError `BACKUP_UNREACHABLE` names the backups that could not be, and could bring the key back; `CONFLICT` while another
   *   replica writes backups.
   */
  async removeKey(actor: string, name: KeyName): Promise<string[]> {
    return this.#alone(async (claim) => {
      const recorded = await this.#centre.rows.readAll([BACKUP_PLACES])
      const onRecord = recorded.map(({ place }) => place.slice(BACKUP_PLACES.length))
      const all = new Set([...onRecord, ...(await this.#shelf.list())])
      const remade: string[] = []
      const failed: string[] = []
      let cause: unknown
      for (const backupId of all) {
        try {
          if (await this.#remake(claim, actor, { backupId, name })) remade.push(backupId)
        } catch (error) {
          failed.push(backupId)
          cause = error
        }
      }
      if (failed.length > 0) throw unreachable(failed, cause)
      return remade
    })
  }

  /** One at a time, in this process and among replicas. */
  #alone<T>(work: (claim: BackupClaim) => Promise<T>): Promise<T> {
    return this.#lock(() => this.#claims.hold(work))
  }

  async #forget(actor: string, backupId: string): Promise<void> {
    await this.#centre.rows.update(async (draft) => {
      draft.delete(backupPlace(backupId))
      const act = { actor, act: 'backup.forget', details: { backupId } }
      await appendAudit(draft, { ...act, timeMs: this.#centre.clock.nowMs() })
    })
  }

  /** @returns whether the backup held the key. */
  async #remake(
    claim: BackupClaim,
    actor: string,
    { backupId, name }: { backupId: string; name: KeyName },
  ): Promise<boolean> {
    await claim.renew()
    const { content, generation, recorded } = await this.#open(backupId)
    const holds = holdsKey(content.rows, name)
    const next = holds ? generation + 1 : generation
    if (holds) {
      const rows = withoutKey(content.rows, name)
      await this.#write(claim, { backupId, generation: next }, { ...content, rows })
    }
    wipeRows(content.rows)
    if (next !== recorded) {
      await this.#record(claim, { actor, act: 'backup.remake', backupId, generation: next })
    }
    return holds
  }

  /** Opens a backup that is at least as new as the record says; it is newer when a crash came before the record. */
  async #open(backupId: string): Promise<Opened> {
    const bytes = await this.#shelf.get(backupId)
    const record = await this.#centre.rows.get(backupPlace(backupId))
    const { state, generation: recorded } =
      record === null ? { state: 'whole', generation: 0 } : decodeRecord(backupRecordSchema, record)
    if (bytes === null) throw unreachable([backupId])
    const { backupId: labelled, generation, root } = readBackupLabel(bytes)
    const content = openBackup(this.#centre.seal.keys.backupKey, bytes)
    const isRight =
      labelled === backupId && encodeHex(root.set.setId) === encodeHex(this.#centre.seal.centreId)
    if (!isRight) throw new KmcError('BACKUP_DAMAGED', `The backup '${backupId}' is another one.`)
    if (generation < recorded) throw outdated(backupId, generation, recorded)
    return { content, generation, recorded: state === 'whole' ? recorded : 0 }
  }

  /** Puts a backup on the shelf. What it was made of is wiped. */
  async #write(claim: BackupClaim, label: Label, content: BackupContent): Promise<void> {
    const { keys, record: root } = this.#centre.seal
    const bytes = encodeBackup(keys.backupKey, { ...label, root }, content)
    wipeRows(content.rows)
    await claim.renew()
    await this.#shelf.put(label.backupId, bytes, () => claim.assertHeld())
  }

  async #record(claim: BackupClaim, made: Label & { actor: string; act: string }): Promise<void> {
    const { actor, act, backupId, generation } = made
    await this.#centre.rows.update(async (draft) => {
      await claim.assertOnRecord(draft)
      putRecord(draft, backupPlace(backupId), { state: 'whole', generation })
      const details = { backupId, generation }
      await appendAudit(draft, { actor, act, details, timeMs: this.#centre.clock.nowMs() })
    })
  }
}

type Label = Omit<BackupLabel, 'root'>

interface Opened {
  readonly content: BackupContent
  readonly generation: number
  /** 0 when the record does not have this backup as whole. */
  readonly recorded: number
}

/** Keys of applications are among them. */
function wipeRows(rows: readonly OpenRow[]): void {
  for (const { value } of rows) wipe(value)
}

function keysIn(rows: readonly OpenRow[]): Key[] {
  const places = new Set(rows.map(({ place }) => place))
  return rows
    .filter(({ place }) => place.startsWith('key/'))
    .map(({ value }) => decodeKey(value))
    .filter(({ appId, keyId }) => places.has(materialPlace(appId, keyId, 1)))
}

function unreachable(backupIds: readonly string[], cause?: unknown): KmcError {
  const list = backupIds.join(', ')
  return new KmcError(
    'BACKUP_UNREACHABLE',
    `These backups could not be made anew and could bring the key back: ${list}. Make them reachable and destroy the key again, or forget those that no longer exist.`,
    { details: { backups: list }, cause },
  )
}

function outdated(backupId: string, generation: number, recorded: number): KmcError {
  return new KmcError(
    'BACKUP_OUTDATED',
    `The backup '${backupId}' is of generation ${generation}; ${recorded} replaced it because a key was destroyed. Remove this copy.`,
    { details: { backupId, generation, recorded } },
  )
}

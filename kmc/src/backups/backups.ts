import pLimit from 'p-limit'
import * as z from 'zod'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { decodeKey, decodeRecord, type Key, materialPlace, putRecord } from '../keys/records.ts'
import type { KeyName } from '../keys/keys.ts'
import { KmcError } from '../kmc-error.ts'
import type { OpenRow } from '../rows/row-draft.ts'
import { type BackupContent, encodeBackup, openBackup, readBackupLabel } from './backup-file.ts'
import type { BackupShelf } from './backup-shelf.ts'
import { holdsKey, withoutKey } from './without-key.ts'

/**
 * What is backed up: applications, keys and their bytes, the authority and what it issued. The audit log stands in
 * the clear and is copied as it is.
 */
export const BACKED_UP = ['app/', 'key/', 'material/', 'certificate/'] as const
const ID_BYTES = 16

const recordSchema = z.strictObject({
  state: z.enum(['making', 'whole']),
  generation: z.int().min(1),
})

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
  readonly #lock = pLimit(1)

  constructor(centre: Centre, shelf: BackupShelf) {
    this.#centre = centre
    this.#shelf = shelf
  }

  /**
   * Makes a backup of all applications and keys as they are at one moment. Other changes wait while it is read.
   *
   * @returns its id.
   * @throws KmcError `CENTRE_SEALED`; whatever the shelf throws, and then there is no backup.
   */
  async create(actor: string): Promise<string> {
    return this.#lock(async () => {
      const backupId = encodeHex(randomBytes(ID_BYTES))
      // On record before it is on the shelf: a key that is destroyed meanwhile does not escape into it.
      const rows = await this.#centre.rows.update(async (draft) => {
        const lists = await Promise.all(BACKED_UP.map((prefix) => draft.listAll(prefix)))
        putRecord(draft, recordPlace(backupId), { state: 'making', generation: 1 })
        return lists.flat()
      })
      try {
        await this.#write(backupId, 1, { createdAtMs: this.#centre.clock.nowMs(), rows })
      } catch (error) {
        await this.#shelf.remove(backupId)
        await this.forget(actor, backupId)
        throw error
      }
      await this.#record(actor, 'backup.create', { backupId, generation: 1 })
      return backupId
    })
  }

  /** All backups on the shelf with the keys they hold. @throws KmcError `BACKUP_DAMAGED`, `BACKUP_OUTDATED`, `CENTRE_SEALED` */
  async list(): Promise<BackupEntry[]> {
    const names = await this.#shelf.list()
    return Promise.all(
      names.map(async (backupId) => {
        const { content, generation } = await this.#open(backupId)
        return {
          backupId,
          generation,
          createdAtMs: content.createdAtMs,
          keys: keysIn(content.rows),
        }
      }),
    )
  }

  /** Takes a backup that does not exist any more off the record. The administrator answers for that: a copy of it could bring keys back. */
  async forget(actor: string, backupId: string): Promise<void> {
    await this.#centre.rows.update(async (draft) => {
      draft.delete(recordPlace(backupId))
      const act = { actor, act: 'backup.forget', details: { backupId } }
      await appendAudit(draft, { ...act, timeMs: this.#centre.clock.nowMs() })
    })
  }

  /**
   * Makes every backup that holds a key anew without its bytes. What was done stays done when it fails in the middle.
   *
   * @returns the ids of those that were made anew.
   * @throws KmcError `BACKUP_UNREACHABLE` names the backups that could not be, and could bring the key back.
   */
  async removeKey(actor: string, name: KeyName): Promise<string[]> {
    return this.#lock(async () => {
      const recorded = await this.#centre.rows.update((draft) => draft.listAll(recordPlace('')))
      const onRecord = recorded.map(({ place }) => place.slice(recordPlace('').length))
      const all = new Set([...onRecord, ...(await this.#shelf.list())])
      const remade: string[] = []
      const failed: string[] = []
      let cause: unknown
      for (const backupId of all) {
        try {
          if (await this.#remake(actor, backupId, name)) remade.push(backupId)
        } catch (error) {
          failed.push(backupId)
          cause = error
        }
      }
      if (failed.length > 0) throw unreachable(failed, cause)
      return remade
    })
  }

  /** @returns whether the backup held the key. */
  async #remake(actor: string, backupId: string, name: KeyName): Promise<boolean> {
    const { content, generation, recorded } = await this.#open(backupId)
    const holds = holdsKey(content.rows, name)
    const next = holds ? generation + 1 : generation
    if (holds) {
      await this.#write(backupId, next, { ...content, rows: withoutKey(content.rows, name) })
    }
    if (next !== recorded) {
      await this.#record(actor, 'backup.remake', { backupId, generation: next })
    }
    return holds
  }

  /** Opens a backup that is at least as new as the record says; it is newer when a crash came before the record. */
  async #open(backupId: string): Promise<Opened> {
    const bytes = await this.#shelf.get(backupId)
    const record = await this.#centre.rows.get(recordPlace(backupId))
    const { state, generation: recorded } =
      record === null ? { state: 'whole', generation: 0 } : decodeRecord(recordSchema, record)
    if (bytes === null) throw unreachable([backupId])
    const { backupId: labelled, generation, root } = readBackupLabel(bytes)
    const content = openBackup(this.#centre.seal.keys.backupKey, bytes)
    const isRight =
      labelled === backupId && encodeHex(root.set.setId) === encodeHex(this.#centre.seal.centreId)
    if (!isRight) throw new KmcError('BACKUP_DAMAGED', `The backup '${backupId}' is another one.`)
    if (generation < recorded) throw outdated(backupId, generation, recorded)
    return { content, generation, recorded: state === 'whole' ? recorded : 0 }
  }

  async #write(backupId: string, generation: number, content: BackupContent): Promise<void> {
    const { keys, record: root } = this.#centre.seal
    const bytes = encodeBackup(keys.backupKey, { backupId, generation, root }, content)
    await this.#shelf.put(backupId, bytes)
  }

  async #record(actor: string, act: string, details: { backupId: string; generation: number }) {
    const { backupId, generation } = details
    await this.#centre.rows.update(async (draft) => {
      putRecord(draft, recordPlace(backupId), { state: 'whole', generation })
      await appendAudit(draft, { actor, act, details, timeMs: this.#centre.clock.nowMs() })
    })
  }
}

interface Opened {
  readonly content: BackupContent
  readonly generation: number
  /** 0 when the record does not have this backup as whole. */
  readonly recorded: number
}

const recordPlace = (backupId: string) => `backup/${backupId}`

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

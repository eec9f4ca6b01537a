import { access, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { compareBytes, encodeHex } from '@orlop/crypto/bytes'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import { formatShare } from '@orlop/crypto/thresholds/share-text'
import { readBackupLabel } from '../backups/backup-file.ts'
import type { BackupShelf } from '../backups/backup-shelf.ts'
import { KmcError } from '../kmc-error.ts'
import { createRoot, type CreateRootRequest } from '../root/create-root.ts'
import {
  encodeRootRecord,
  loadRootRecord,
  type RootRecord,
  storeRootRecord,
} from '../root/root-record.ts'
import type { KeyStore } from '../store/key-store.ts'
import type { KmcHome } from './kmc-home.ts'
import { writeDurably } from './write-durably.ts'

/** What {@link prepareRoot} needs. */
export interface PrepareRootRequest extends CreateRootRequest {
  readonly store: KeyStore
  readonly home: KmcHome
  /** Where backups lie. */
  readonly shelf: BackupShelf
  /** Writes each share into a folder of its own under the home; otherwise they are given back only. */
  readonly writesShares: boolean
}

export interface PreparedRoot {
  readonly record: RootRecord
  /** One for each custodian when the root key was made now; none when the centre was there before. */
  readonly shares: readonly SecretShare[]
}

/**
 * The store's root record; in an empty store, of a root key that is made now.
 *
 * @throws KmcError `ALREADY_EXISTS` when the store is empty and the home or the backups are of a centre: they are all that is left of it.
 */
export async function prepareRoot(request: PrepareRootRequest): Promise<PreparedRoot> {
  const { store, home, writesShares } = request
  const known = await loadRootRecord(store)
  if (known !== null) return { record: known, shares: [] }
  await assertNoCentreBefore(request)
  const { record, shares } = await createRoot(request)
  // Before the record: a power cut leaves shares that open nothing, and never a centre that nothing opens.
  if (writesShares) await writeShares(home, shares)
  try {
    await storeRootRecord(store, record)
  } catch (error) {
    // A lost answer does not say that the record is not there, nor that it will not be: the shares stay unless it is another's.
    const stored = await loadRootRecord(store).catch(() => null)
    if (stored === null) throw error
    if (isSame(stored, record)) return { record, shares }
    if (writesShares) await rm(home.custodians, { recursive: true })
    throw error
  }
  return { record, shares }
}

/** Where a custodian's share is written. */
export function shareFile(home: KmcHome, index: number): string {
  return join(home.custodian(index), 'share.txt')
}

/** How many custodians' shares still lie in the home. */
export async function countShares(home: KmcHome): Promise<number> {
  const folders = await readdir(home.custodians).catch(() => [])
  const files = folders.map((index) => shareFile(home, Number(index)))
  const found = await Promise.all(files.map(isThere))
  return found.filter(Boolean).length
}

/**
 * Gives an empty store the root record of a backup's centre, so that its custodians' shares unseal it.
 *
 * @throws KmcError `NOT_EMPTY` when the store is another centre's; `BACKUP_DAMAGED`.
 */
export async function adoptRoot(store: KeyStore, backup: Uint8Array): Promise<PreparedRoot> {
  const { root } = readBackupLabel(backup)
  const known = await loadRootRecord(store)
  if (known === null) await storeRootRecord(store, root)
  else if (encodeHex(known.set.setId) !== encodeHex(root.set.setId)) {
    throw new KmcError(
      'NOT_EMPTY',
      'The store is of another centre than the backup. Restore into a new folder.',
    )
  }
  return { record: root, shares: [] }
}

async function assertNoCentreBefore({ home, shelf }: PrepareRootRequest): Promise<void> {
  const found = [home.custodians, home.authority]
  const left: string[] = []
  for (const path of found) if (await isThere(path)) left.push(path)
  if ((await shelf.list()).length > 0) left.push('the backups')
  if (left.length > 0) throw ofCentreBefore(left.join(', '))
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function writeShares(home: KmcHome, shares: readonly SecretShare[]): Promise<void> {
  await mkdir(home.path, { recursive: true, mode: 0o700 })
  // Fails where there is one, so that nobody's shares are replaced and what is removed again is one's own.
  await mkdir(home.custodians, { mode: 0o700 }).catch((cause: unknown) => {
    throw ofCentreBefore(home.custodians, cause)
  })
  try {
    for (const share of shares) {
      await writeDurably(shareFile(home, share.index), `${formatShare(share)}\n`)
    }
  } catch (error) {
    await rm(home.custodians, { recursive: true })
    throw error
  }
}

function ofCentreBefore(what: string, cause?: unknown): KmcError {
  return new KmcError(
    'ALREADY_EXISTS',
    `The store is empty, but there is what belongs to a centre: ${what}. No new centre is made over it. Bring its store back or restore a backup with its shares; for a new centre take another home, or move away what is named.`,
    { cause },
  )
}

function isSame(one: RootRecord, other: RootRecord): boolean {
  return compareBytes(encodeRootRecord(one), encodeRootRecord(other)) === 0
}

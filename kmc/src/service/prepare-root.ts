import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { encodeHex } from '@orlop/crypto/bytes'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import { formatShare } from '@orlop/crypto/thresholds/share-text'
import { readBackupLabel } from '../backups/backup-file.ts'
import { KmcError } from '../kmc-error.ts'
import { createRoot, type CreateRootRequest } from '../root/create-root.ts'
import { loadRootRecord, type RootRecord, storeRootRecord } from '../root/root-record.ts'
import type { KeyStore } from '../store/key-store.ts'
import type { KmcHome } from './kmc-home.ts'
import { writeDurably } from './write-durably.ts'

/** What {@link prepareRoot} needs. */
export interface PrepareRootRequest extends CreateRootRequest {
  readonly store: KeyStore
  readonly home: KmcHome
  /** Writes each share into a folder of its own under the home; otherwise they are given back only. */
  readonly writesShares: boolean
}

export interface PreparedRoot {
  readonly record: RootRecord
  /** One for each custodian when the root key was made now; none when the centre was there before. */
  readonly shares: readonly SecretShare[]
}

/** The store's root record; in an empty store, of a root key that is made now. */
export async function prepareRoot(request: PrepareRootRequest): Promise<PreparedRoot> {
  const { store, home, writesShares } = request
  const known = await loadRootRecord(store)
  if (known !== null) return { record: known, shares: [] }
  const { record, shares } = await createRoot(request)
  try {
    // Before the record: a power cut leaves shares that open nothing, and never a centre that nothing opens.
    if (writesShares) await writeShares(home, shares)
    await storeRootRecord(store, record)
  } catch (error) {
    if (writesShares) await rm(dirname(home.custodian(1)), { recursive: true, force: true })
    throw error
  }
  return { record, shares }
}

/** Where a custodian's share is written. */
export function shareFile(home: KmcHome, index: number): string {
  return join(home.custodian(index), 'share.txt')
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

async function writeShares(home: KmcHome, shares: readonly SecretShare[]): Promise<void> {
  for (const share of shares) {
    await writeDurably(shareFile(home, share.index), `${formatShare(share)}\n`)
  }
}

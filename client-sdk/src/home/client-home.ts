import { join } from 'node:path'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import type { Clock } from '@orlop/protocol/clock'
import { formatObjectId } from '@orlop/protocol/ids'
import { Spool } from '../upload/spool-file.ts'
import { UploadStore } from '../upload/upload-record.ts'
import { Catalogue } from './catalogue.ts'
import { ClockOffset } from './clock-offset.ts'
import { EvidenceStore } from './evidence-store.ts'
import { LeaseStore } from './lease-store.ts'
import { openDatabase } from './open-database.ts'
import { PendingStore } from './pending-store.ts'
import { RegistryCache } from './registry-cache.ts'
import { RequestStore } from './request-store.ts'

/** Everything a client keeps on its own disk, beside its keyring. One process has it open at a time. */
export interface ClientHome {
  readonly folder: string
  readonly catalogue: Catalogue
  readonly uploads: UploadStore
  readonly spool: Spool
  readonly leases: LeaseStore
  readonly evidence: EvidenceStore
  readonly clockOffset: ClockOffset
  readonly pending: PendingStore
  readonly registry: RegistryCache
  readonly requests: RequestStore
  close(): Promise<void>
}

/**
 * Opens a home folder, making it where it is missing.
 *
 * @throws OrlopError `HOME_LOCKED` when another process has it open.
 */
export async function openClientHome(folder: string, clock: Clock): Promise<ClientHome> {
  const database = await openDatabase(folder)
  try {
    const uploads = new UploadStore(database)
    const spool = await Spool.open(join(folder, 'spool'))
    const names = (await uploads.all()).map(({ objectId }) => formatObjectId(objectId))
    await spool.removeOthers(names)
    return {
      folder,
      catalogue: new Catalogue(database),
      uploads,
      spool,
      leases: new LeaseStore(database, clock, encodeHex(randomBytes(16))),
      evidence: await EvidenceStore.open(database),
      clockOffset: await ClockOffset.open(database, clock),
      pending: new PendingStore(database),
      registry: new RegistryCache(database),
      requests: new RequestStore(database),
      close: () => database.close(),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

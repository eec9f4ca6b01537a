import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import type { Clock } from '@orlop/protocol/clock'
import { formatObjectId } from '@orlop/protocol/ids'
import type { Spool } from '../upload/sealed-spool.ts'
import { UploadStore } from '../upload/upload-record.ts'
import { Catalogue } from './catalogue.ts'
import { ClockOffset } from './clock-offset.ts'
import { EvidenceStore } from './evidence-store.ts'
import { LeaseStore } from './lease-store.ts'
import { PendingStore } from './pending-store.ts'
import { RegistryCache } from './registry-cache.ts'
import { RequestStore } from './request-store.ts'
import type { HomeDatabase } from './table.ts'

/** Everything a client keeps at its own place, beside its keyring. One process, or page, has it open at a time. */
export interface ClientHome {
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

/** What a home is made of, by the platform. */
export interface HomeParts {
  readonly database: HomeDatabase
  readonly openSpool: () => Promise<Spool>
  readonly clock: Clock
}

/** Puts a home together from its open database, which it closes in the end, also when this fails. */
export async function composeHome({ database, openSpool, clock }: HomeParts): Promise<ClientHome> {
  try {
    const uploads = new UploadStore(database)
    const spool = await openSpool()
    const names = (await uploads.all()).map(({ objectId }) => formatObjectId(objectId))
    await spool.removeOthers(names)
    return {
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

import * as z from 'zod'
import { formatObjectId } from '@orlop/protocol/ids'
import { ackType, commitType } from '@orlop/protocol/messages/storing'
import { bytes, signedSchema } from '@orlop/protocol/typed-message'
import { bytes32, count, ledgerId, stripIndex } from '@orlop/protocol/wire/common'
import { CENTRE_ID_BYTES } from '../application-keys/application-keys.ts'
import { type HomeDatabase, RecordTable } from './table.ts'

const strip = z.strictObject({
  index: stripIndex,
  nodeId: ledgerId,
  sequence: count,
  root: bytes32,
  /** The proof that the client asked for it and the node has it; known for objects stored from this home. */
  commit: signedSchema(commitType).optional(),
  ack: signedSchema(ackType).optional(),
  /** Where the receipt stands on the ledger. */
  transactionHash: z.string().optional(),
})

/** Keys of applications by their names, each at its centre. */
export const applicationNames = z
  .array(
    z.strictObject({
      centreId: bytes(CENTRE_ID_BYTES),
      appId: z.string(),
      keyId: z.string(),
      version: count,
    }),
  )
  .max(64)

/** One strip of an object as the catalogue knows it. */
export type CatalogueStrip = z.infer<typeof strip>

const catalogueEntry = z.strictObject({
  objectId: bytes32,
  /** Whose object it is: this client's, or another's that was shared with it. */
  ownerId: ledgerId,
  name: z.string(),
  mediaType: z.string(),
  classCode: count,
  importance: z.int().min(1).max(3),
  level: count,
  suite: z.string(),
  codec: z.string(),
  cipherPath: z.string(),
  labels: z.record(z.string(), z.string()),
  plainBytes: count,
  plainSha256: bytes32,
  sealedBytes: count,
  createdMs: count,
  /** When the first receipt was recorded, or the object stored; wall milliseconds. */
  storedMs: count,
  /** Unix seconds. */
  expiry: count,
  headerHash: bytes32,
  /** The newest envelope seen: no older one is accepted any more. */
  envelopeVersion: count,
  envelopeHash: bytes32,
  /** Keys and passphrases beside the owner's that open it, by that envelope; not there in entries of earlier versions. */
  sharedWith: count.optional(),
  /** Keys of applications that open it, by that envelope; left out where there are none. */
  applications: applicationNames.optional(),
  strips: z.array(strip).max(64),
  state: z.enum(['stored', 'recorded', 'final', 'removed']),
})

/** What a client knows of one object, decrypted; kept on the client's disk only. */
export type CatalogueEntry = z.infer<typeof catalogueEntry>

const syncMark = z.strictObject({ blockNumber: count, blockHash: z.string() })
export type SyncMark = z.infer<typeof syncMark>

const OWN = 'own'

/** The client's decrypted list of objects. It can be deleted at any time: keys and ledger rebuild it. */
export class Catalogue {
  readonly #entries: RecordTable<CatalogueEntry>
  readonly #marks: RecordTable<SyncMark>

  constructor(database: HomeDatabase) {
    this.#entries = new RecordTable(database, { name: 'catalogue', schema: catalogueEntry })
    this.#marks = new RecordTable(database, { name: 'catalogue-sync', schema: syncMark })
  }

  /** An object's entry; null when it is not in the catalogue. */
  get(objectId: Uint8Array, ownerId: number): Promise<CatalogueEntry | null> {
    return this.#entries.get(keyOf(objectId, ownerId))
  }

  put(entry: CatalogueEntry): Promise<void> {
    return this.#entries.put(keyOf(entry.objectId, entry.ownerId), entry)
  }

  delete(objectId: Uint8Array, ownerId: number): Promise<void> {
    return this.#entries.delete(keyOf(objectId, ownerId))
  }

  /** Every entry, by owner and object name. */
  async *entries(): AsyncGenerator<CatalogueEntry> {
    for await (const [, entry] of this.#entries.entries()) yield entry
  }

  /** Up to which block of the ledger the catalogue is complete; null when it never was. */
  syncedTo(): Promise<SyncMark | null> {
    return this.#marks.get(OWN)
  }

  setSyncedTo(mark: SyncMark): Promise<void> {
    return this.#marks.put(OWN, mark)
  }

  /** Forgets everything, to be rebuilt. */
  async clear(): Promise<void> {
    await this.#marks.clear()
    await this.#entries.clear()
  }
}

function keyOf(objectId: Uint8Array, ownerId: number): string {
  return `${ownerId}/${formatObjectId(objectId)}`
}

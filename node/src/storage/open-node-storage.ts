import { join } from 'node:path'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import {
  LevelReceiptOutbox,
  type OutboxLedger,
  type ReceiptOutboxOptions,
} from '../outbox/level-receipt-outbox.ts'
import { LevelRelayQueue, type RelayQueueOptions } from '../outbox/level-relay-queue.ts'
import { ReceiptEntries } from '../outbox/receipt-entries.ts'
import type { RelayLedger } from '../outbox/relay-verbs.ts'
import { type Timers, systemTimers } from '../outbox/timers.ts'
import {
  LevelReservationBook,
  type ReservationOptions,
} from '../reservations/level-reservation-book.ts'
import { RoomAccount } from '../reservations/room-account.ts'
import { type SequenceLedger, SequenceReconciler } from '../reservations/sequence-reconciler.ts'
import { FileBlobStore } from './file-blob-store.ts'
import type { BlobStore, NodeStorage, StorageMetrics } from './interfaces.ts'
import { KeyLocks } from './key-locks.ts'
import { LevelEnvelopeShelf } from './level-envelope-shelf.ts'
import { LevelIndex } from './level-index.ts'
import { LevelSpreadJobs } from './level-spread-jobs.ts'
import { LevelStripShelf } from './level-strip-shelf.ts'
import { recover } from './recover.ts'
import { sweep } from './sweep.ts'

export interface NodeStorageDependencies {
  nodeId: number
  /** Nothing is asked of it before `reconcile()`, `outbox.start()` and `relay.start()`. */
  ledger: OutboxLedger & RelayLedger & SequenceLedger
  clock?: Clock
  timers?: Timers
  /** Evenly spread over 0 (included) to 1; spreads retries. */
  random?: () => number
  logger?: Logger
  metrics?: StorageMetrics
  /** Default: files in `<home>/blobs`. */
  blobs?: BlobStore
}

export interface NodeStorageOptions {
  /** The node's home folder. */
  home: string
  /** Most bytes reserved and stored together. */
  capacityBytes: number
  /** Bytes of the disk that strips never take; default 256 MiB. */
  reserveDiskBytes?: number
  reservations?: ReservationOptions
  outbox?: ReceiptOutboxOptions
  relay?: RelayQueueOptions
  /** How long after its expiry a strip is still kept; default 24 h. */
  expiryGraceMs?: number
  /** Repairs a damaged index before opening it. */
  repairIndex?: boolean
}

const DEFAULT_GRACE_MS = 24 * 3_600_000
const noMetrics: StorageMetrics = { add: () => undefined, set: () => undefined }

/**
 * Opens a node's storage and makes disk and index agree after any crash. Outbox and relay begin when they are started.
 *
 * @throws OrlopError `HOME_LOCKED` when another process uses the home, `HOME_DAMAGED` when its index cannot be read, `DISK_FULL`.
 */
export async function openNodeStorage(
  dependencies: NodeStorageDependencies,
  options: NodeStorageOptions,
): Promise<NodeStorage> {
  const path = join(options.home, 'index')
  if (options.repairIndex === true) await LevelIndex.repair(path)
  const index = await LevelIndex.open(path)
  try {
    return await assemble(index, withDefaults(dependencies), options)
  } catch (error) {
    await index.close()
    throw error
  }
}

function withDefaults(dependencies: NodeStorageDependencies) {
  return {
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    logger: silentLogger,
    metrics: noMetrics,
    ...dependencies,
  }
}

async function assemble(
  index: LevelIndex,
  dependencies: ReturnType<typeof withDefaults>,
  options: NodeStorageOptions,
): Promise<NodeStorage> {
  const reserveBytes = options.reserveDiskBytes
  const blobOptions = reserveBytes === undefined ? {} : { reserveBytes }
  const files = dependencies.blobs ?? null
  const blobs = files ?? (await FileBlobStore.open(join(options.home, 'blobs'), blobOptions))
  const room = new RoomAccount(options.capacityBytes, dependencies.metrics)
  const envelopes = new LevelEnvelopeShelf({ index, room })
  const base = { ...dependencies, index, blobs, room, envelopes, stripLocks: new KeyLocks() }
  const recovery = await recover(base)
  const entries = await ReceiptEntries.open(base)
  const reservations = new LevelReservationBook(base, options.reservations)
  const outbox = new LevelReceiptOutbox({ ...base, entries }, options.outbox)
  const relay = await LevelRelayQueue.open(base, options.relay)
  const strips = new LevelStripShelf({ ...base, reservations, outbox, relay })
  const sequences = new SequenceReconciler({ ...base, reservations })
  const expiryGraceMs = options.expiryGraceMs ?? DEFAULT_GRACE_MS
  return {
    blobs,
    reservations,
    strips,
    envelopes,
    spreads: new LevelSpreadJobs(index, base.clock),
    relay,
    outbox,
    recovery:
      blobs instanceof FileBlobStore
        ? { ...recovery, temporaryFiles: blobs.orphanHashes }
        : recovery,
    sweep: () => sweep({ ...base, reservations, strips, expiryGraceMs }),
    reconcile: () => sequences.run(),
    close: async () => {
      await Promise.all([outbox.stop(), relay.stop()])
      await base.stripLocks.idle()
      await blobs.close()
      await index.close()
    },
  }
}

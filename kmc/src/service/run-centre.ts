import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import type { CardSource } from '@orlop/crypto/cards/pool/pooled-card'
import type { BatteryTest } from '@orlop/crypto/randomness/battery'
import { systemClock } from '@orlop/protocol/clock'
import type { Logger } from '@orlop/protocol/logger'
import { CentreMetrics } from '../api/centre-metrics.ts'
import { FolderBackupShelf } from '../backups/folder-backup-shelf.ts'
import type { Identity } from '@orlop/protocol/centre/identity'
import { openPlatform, type OpenedPlatform } from '../platform/open-platform.ts'
import { KmcError } from '../kmc-error.ts'
import type { UnsealingCard } from '../root/keys-on-card.ts'
import type { SealStatus } from '../root/seal.ts'
import type { KeyStore } from '../store/key-store.ts'
import { readEndpoint, writeEndpoint } from './endpoint.ts'
import type { KmcHome } from './kmc-home.ts'
import { openCentre, type OpenedCentre, type Restoration } from './open-centre.ts'
import { type EtcdPlace, openStore } from './open-store.ts'
import { countShares } from './prepare-root.ts'
import { serveCentre } from './serve-centre.ts'
import { assertServable, type RunningTlsServer, startTlsServer } from './tls-server.ts'
import { Upkeep } from './upkeep.ts'

const UPKEEP_MS = 60 * 60 * 1000
/** A store that is brought back by less than this after a crash is not noticed. */
const NOTE_MS = 5_000

export interface RunCentreOptions {
  readonly home: KmcHome
  /** Where its rows are; null for its home. */
  readonly etcd: EtcdPlace | null
  /** Folder of the backups, which all replicas share; null for the one in its home. */
  readonly backups: string | null
  readonly logger: Logger
  readonly version: string
  readonly host: string
  /** 0 for any free one; null for the one that was served at before, or any free one. */
  readonly port: number | null
  /** Further names and addresses that the centre is asked for by. */
  readonly hosts: readonly string[]
  readonly threshold: number
  readonly custodians: number
  readonly writesShares: boolean
  readonly shares: readonly string[]
  readonly restoration: Restoration | null
  /** JSON-RPC of the ledger that the log's end is anchored on; null for none. */
  readonly rpcUrl: string | null
  /** See {@link OpenCentreOptions}. */
  readonly acceptsRollback: boolean
  /** From one anchor to the next, when there is something new. */
  readonly anchorPeriodMs: number
  readonly requestsPerMinute: number
  /** Cards that the platform's API works with; software does what they cannot. */
  readonly cards: readonly CardSource[]
  /** See {@link OpenCentreOptions}. */
  readonly unsealing: UnsealingCard | null
  /** Tests of the random source; those of GM/T 0005-2021 unless given. */
  readonly tests?: readonly BatteryTest[]
}

/** What whoever starts a centre is told. */
export interface CentreFacts {
  readonly url: string
  readonly port: number
  /** 32 hexadecimal digits. */
  readonly centreId: string
  readonly seal: SealStatus
  /** See {@link OpenedCentre}. */
  readonly newShares: readonly string[]
  readonly hasNewAdministrator: boolean
  readonly cardRefusal: string | null
  /** How many custodians' shares lie in its home: as many as unseal it are as good as the root key on this disk. */
  readonly sharesAtHome: number
}

/** A centre that serves. */
export interface RunningCentre {
  readonly facts: CentreFacts
  readonly opened: OpenedCentre
  stop(): Promise<void>
}

/**
 * Runs a key management centre in a home folder: opens or makes it and serves its API. Keeps certificates in time while it is unsealed.
 *
 * @throws KmcError `STORE_LOCKED` while another process has the home; `CONFIG_INVALID`; as {@link openCentre}.
 */
export async function runCentre(options: RunCentreOptions): Promise<RunningCentre> {
  const { home, logger, host } = options
  const port = options.port ?? (await readEndpoint(home))?.port ?? 0
  await assertServable({ host, port })
  const store = await openStore(home, options.etcd)
  try {
    const handed: { server: RunningTlsServer | null } = { server: null }
    const opened = await open(options, store, (identity) =>
      handed.server?.replaceIdentity(identity),
    )
    const metrics = new CentreMetrics()
    const { cards } = options
    const platform = openPlatform({ ...opened, registry: metrics.registry, logger, cards })
    const server = await startTlsServer(serveCentre(opened, { ...options, metrics, platform }), {
      identity: opened.identity,
      host,
      port,
    })
    handed.server = server
    const endpoint = { url: server.url, port: server.port }
    await writeEndpoint(home, endpoint)
    const upkeep = new Upkeep(() => keepUp(opened, server, platform), UPKEEP_MS, logger)
    const anchoring = new Upkeep(() => anchorLog(opened), options.anchorPeriodMs, logger)
    const { centre, lastSeen } = opened
    const noting = new Upkeep(() => lastSeen.note(centre), NOTE_MS, logger)
    logger.info({ url: server.url }, 'the centre serves')
    const stop = async () => {
      await Promise.all([upkeep.stop(), anchoring.stop(), noting.stop()])
      await server.stop()
      await platform.stop()
      await lastSeen.note(centre).catch((error: unknown) => {
        const code = error instanceof KmcError ? error.code : 'INTERNAL'
        logger.warn({ code }, 'how far the store is was not noted')
      })
      opened.centre.seal.seal()
      await store.close()
    }
    const sharesAtHome = await countShares(home)
    return { facts: { ...endpoint, ...factsOf(opened), sharesAtHome }, opened, stop }
  } catch (error) {
    await store.close()
    throw error
  }
}

/**
 * Restores a backup into an empty home, and serves nothing.
 *
 * @throws KmcError `NOT_EMPTY`, `BACKUP_DAMAGED`, `CENTRE_SEALED` without enough shares.
 */
export async function restoreCentre(options: RunCentreOptions): Promise<{ centreId: string }> {
  const store = await openStore(options.home, options.etcd)
  try {
    const opened = await open(options, store, () => undefined)
    opened.centre.seal.seal()
    return factsOf(opened)
  } finally {
    await store.close()
  }
}

async function open(
  options: RunCentreOptions,
  store: KeyStore,
  onIdentity: (identity: Identity) => void,
): Promise<OpenedCentre> {
  return openCentre({
    ...options,
    store,
    shelf: await FolderBackupShelf.open(options.backups ?? options.home.backups),
    source: randomBytes,
    clock: systemClock,
    hosts: [...new Set(['localhost', '127.0.0.1', ...options.hosts])],
    onIdentity,
  })
}

function factsOf({ centre, newShares, hasNewAdministrator, cardRefusal }: OpenedCentre) {
  const { seal } = centre
  const centreId = encodeHex(seal.centreId)
  return { centreId, seal: seal.status, newShares, hasNewAdministrator, cardRefusal }
}

async function anchorLog({ centre, anchorer }: OpenedCentre): Promise<void> {
  if (centre.seal.status.state === 'unsealed') await anchorer.keepUp()
}

async function keepUp(
  { centre, identities }: OpenedCentre,
  server: RunningTlsServer,
  platform: OpenedPlatform,
): Promise<void> {
  if (centre.seal.status.state !== 'unsealed') return
  server.replaceIdentity(await identities.settleServer())
  await platform.keepUp()
}

import { wipe } from '@orlop/crypto/bytes'
import type { BatteryTest } from '@orlop/crypto/randomness/battery'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import { formatShare } from '@orlop/crypto/thresholds/share-text'
import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { appendAudit } from '../audit/audit-log.ts'
import { assertReachesAnchors } from '../audit/reaches-head.ts'
import { Backups } from '../backups/backups.ts'
import type { BackupShelf } from '../backups/backup-shelf.ts'
import { restoreBackup } from '../backups/restore-backup.ts'
import { type Centre, composeCentre } from '../centre.ts'
import { Certificates } from '../certificates/certificates.ts'
import type { Identity } from '@orlop/protocol/centre/identity'
import { Applications } from '../keys/applications.ts'
import type { Destruction } from '../keys/destruction.ts'
import { Keys } from '../keys/keys.ts'
import { Releases } from '../keys/releases.ts'
import { KmcError } from '../kmc-error.ts'
import { MonitoredSource } from '../random/monitored-source.ts'
import { endCardRight } from '../root/card-right.ts'
import type { UnsealingCard } from '../root/keys-on-card.ts'
import { Seal } from '../root/seal.ts'
import { SealTogether } from '../root/seal-together.ts'
import type { KeyStore } from '../store/key-store.ts'
import type { CentreParts } from '../api/centre-handlers.ts'
import { Anchorer } from './anchorer.ts'
import { CardUnsealing } from './card-unsealing.ts'
import { Custody } from './custody.ts'
import type { KmcHome } from './kmc-home.ts'
import { LastSeen } from './last-seen.ts'
import { LocalIdentities } from './local-identities.ts'
import { adoptRoot, type PreparedRoot, prepareRoot } from './prepare-root.ts'

/** Who gives shares on the centre's own machine. */
const CONSOLE = 'console'
/** Longest that the ledger is waited for before a centre begins its work. */
const LEDGER_TIMEOUT_MS = 15_000

/** A backup to begin with. */
export interface Restoration {
  readonly backup: Uint8Array
  /** Statements of keys that were destroyed after the backup was made. */
  readonly destructions: readonly Destruction[]
}

/** What {@link openCentre} needs. */
export interface OpenCentreOptions {
  readonly home: KmcHome
  readonly store: KeyStore
  readonly shelf: BackupShelf
  /** The random source under watch. */
  readonly source: (lengthBytes: number) => Uint8Array | Promise<Uint8Array>
  /** Its tests; those of GM/T 0005-2021 unless given. */
  readonly tests?: readonly BatteryTest[]
  readonly clock: Clock
  readonly logger: Logger
  readonly version: string
  /** Of a new centre: so many of so many shares unseal it. */
  readonly threshold: number
  readonly custodians: number
  /** Whether the shares of a new centre are written into its home. */
  readonly writesShares: boolean
  /** Texts of shares that are at hand now. */
  readonly shares: readonly string[]
  readonly restoration: Restoration | null
  /** JSON-RPC of the ledger that the log's end is anchored on; null for none. */
  readonly rpcUrl: string | null
  /** A card that unseals it where shares are not at hand; null for none. */
  readonly unsealing: UnsealingCard | null
  /** Whether a store that was brought back to an older state is taken as it is. */
  readonly acceptsRollback: boolean
  /** Names and addresses that the centre is asked for by. */
  readonly hosts: readonly string[]
  /** Told of the server's identity each time the centre is unsealed. */
  readonly onIdentity: (identity: Identity) => void
}

/** A centre that can be served. */
export interface OpenedCentre extends CentreParts {
  readonly certificates: Certificates
  readonly identities: LocalIdentities
  readonly lastSeen: LastSeen
  /** What to serve with. */
  readonly identity: Identity
  /** Texts of the shares of a centre that was made now, by index from 1; empty otherwise. */
  readonly newShares: readonly string[]
  /** Whether this machine's administrator got a new certificate now. */
  readonly hasNewAdministrator: boolean
  /** Why the card did not unseal it; null when it did, or there is none. */
  readonly cardRefusal: string | null
}

/**
 * Opens the centre of a store, sealed unless enough shares are at hand or a card unseals it; makes a new one in an empty store.
 *
 * @throws KmcError `RANDOM_REFUSED`; `SHARE_REFUSED`; `STORE_ROLLED_BACK`; `CENTRE_SEALED` when it has nothing to serve with yet; and as its parts.
 */
export async function openCentre(options: OpenCentreOptions): Promise<OpenedCentre> {
  const { store, clock, logger, version } = options
  const random = new MonitoredSource(options)
  await random.test()
  const { record, shares } = await rootOf(options, (length) => random.generate(length))
  const seal = new Seal(record)
  const isAnew = options.restoration !== null || options.acceptsRollback
  const lastSeen = await LastSeen.open(options.home, { centreId: seal.centreId, isIgnored: isAnew })
  const leastSequence = lastSeen.sequence
  const centre = composeCentre({ store, seal, random, clock, leastSequence })
  const certificates = new Certificates(centre)
  const identities = new LocalIdentities({ ...options, certificates })
  const cards = cardsOf(centre, options)
  const together = new SealTogether(centre, (by) => {
    logger.warn({ by }, 'an administrator sealed the centre')
    void cards.forget()
  })
  const begin = async (actor: string, lastEntry: number) => {
    const { restoration, shelf } = options
    if (restoration !== null) await restoreBackup({ centre, shelf, ...restoration, actor })
    await lastSeen.assertNotRolledBack(centre)
    if (!isAnew) await compareWithLedger(centre, options)
    if (options.acceptsRollback) await recordAcceptance(centre, actor)
    options.onIdentity(await identities.settleServer())
    await lastSeen.note(centre)
    await together.start(lastEntry)
  }
  const custody = new Custody({
    ...{ centre, logger, onUnsealed: begin },
    onSealRecorded: () => lastSeen.note(centre),
    keepOnCard: () => cards.keep(),
    forgetOnCard: () => cards.forget(),
  })
  const texts = [...shares.map(formatShare), ...options.shares]
  for (const text of texts) await custody.give(text, CONSOLE)
  const isUnsealed = centre.seal.status.state === 'unsealed'
  assertRestored(options, isUnsealed)
  const hasNewAdministrator = isUnsealed && (await identities.settleAdministrator())
  for (const { index } of options.writesShares ? shares : []) await identities.addCustodian(index)
  forget(shares)
  // Only after what shares at hand are needed for. A store that was brought back is for custodians to unseal.
  const cardRefusal = options.acceptsRollback ? null : await cards.unseal(custody)
  return {
    centre,
    custody,
    certificates,
    identities,
    lastSeen,
    applications: new Applications(centre),
    keys: new Keys(centre),
    releases: new Releases(centre),
    backups: new Backups(centre, options.shelf),
    anchorer: new Anchorer({ ...options, centre }),
    version,
    identity: (await identities.server()) ?? nothingToServeWith(),
    newShares: texts.slice(0, shares.length),
    hasNewAdministrator,
    cardRefusal,
  }
}

async function rootOf(
  options: OpenCentreOptions,
  generate: (lengthBytes: number) => Promise<Uint8Array>,
): Promise<PreparedRoot> {
  const { restoration, store, custodians } = options
  if (restoration !== null) return adoptRoot(store, restoration.backup)
  return prepareRoot({ ...options, shares: custodians, generate })
}

/** What is restored is not served yet: no card is given its keys. */
function cardsOf(centre: Centre, options: OpenCentreOptions): CardUnsealing {
  const { unsealing, restoration, home, logger } = options
  const card = restoration === null ? unsealing : null
  return new CardUnsealing({ centre, card, file: home.keysOnCard, logger })
}

/** A ledger that does not answer holds up nobody: a ship at sea has none. */
async function compareWithLedger(centre: Centre, { rpcUrl, logger }: OpenCentreOptions) {
  if (rpcUrl === null) return
  try {
    await assertReachesAnchors(centre, { rpcUrl, signal: AbortSignal.timeout(LEDGER_TIMEOUT_MS) })
  } catch (error) {
    if (!isOrlopError(error)) throw error
    logger.warn({}, 'the ledger cannot be asked whether the store is the newest')
  }
}

async function recordAcceptance({ rows, clock }: Centre, actor: string): Promise<void> {
  const act = { actor, act: 'centre.accept-rollback', details: {} }
  await rows.update(async (draft) => {
    endCardRight(draft)
    await appendAudit(draft, { ...act, timeMs: clock.nowMs() })
  })
}

function assertRestored({ restoration }: OpenCentreOptions, isUnsealed: boolean): void {
  if (restoration === null || isUnsealed) return
  throw new KmcError(
    'CENTRE_SEALED',
    'A backup is restored with the shares of its centre at hand: give as many as that needs.',
  )
}

function nothingToServeWith(): never {
  throw new KmcError(
    'CENTRE_SEALED',
    'This home has no certificate to serve with that is still good, and a sealed centre makes none. Start it with shares at hand.',
  )
}

function forget(shares: readonly SecretShare[]): void {
  wipe(...shares.map(({ bytes }) => bytes))
}

import { randomBytes } from '@orlop/crypto/bytes'
import type { Clock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerReader } from '@orlop/protocol/ledger'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import type { HelloClaims, HelloSelf } from '@orlop/transport/hello'
import type { PeerAddress, Transport } from '@orlop/transport/transport'
import { sharedCrews } from '#shared-crews'
import type { ApplicationKeys } from './application-keys/application-keys.ts'
import { BackgroundTasks } from './background-tasks.ts'
import { bindClient, type BindCustodyVerbs, type OrlopClient } from './client.ts'
import { ClientIdentity } from './client-identity.ts'
import type { ClientContext } from './context.ts'
import type { KeyCustody } from './custody/key-custody.ts'
import { type PinnedRecipient, pinsOf } from './envelope/recipient-keys.ts'
import { ClientEvents } from './events.ts'
import type { FileAccess } from './files/file-access.ts'
import type { ClientHome } from './home/compose-home.ts'
import type { Keyring } from './keyring/keyring.ts'
import { NodeDirectory } from './ledger/node-directory.ts'
import { RelayLedgerReader } from './ledger/relay-ledger-reader.ts'
import { NodeNetwork } from './network/node-network.ts'
import { relayPeersOf } from './network/relay-peers.ts'
import { WireMeter } from './network/wire-meter.ts'
import type { Crews, OwnCrews } from './pipeline/crews.ts'
import type { CardOffload } from './offload/card-offload.ts'
import { type RandomSource, systemRandom } from './placement/random-source.ts'
import type { Policy } from './policy/schema.ts'
import { type ClientSettings, DEFAULT_SETTINGS } from './settings.ts'

const PEER_SEED_BYTES = 32

/** What a transport needs to know of the client that uses it. */
export interface TransportIdentity {
  /** A fresh 32-byte seed: a client's libp2p identity is thrown away with the process. */
  readonly peerSeed: Uint8Array
  readonly self: () => HelloSelf
  readonly admit: (claims: HelloClaims) => Promise<void>
}

/** What a client is made of on every platform. */
export interface ClientOptions {
  /** Belongs to the caller, who disposes of it after `close`. */
  readonly keyring: Keyring
  /** The ledger all signatures are bound to. */
  readonly deployment: Deployment
  /** Reads the ledger directly; through connected nodes when left out. */
  readonly ledger?: LedgerReader
  /** Nodes to begin with, where the ledger is read through nodes and none is known from earlier. */
  readonly bootstrap?: readonly PeerAddress[]
  /** Opening keys of clients to share with, known from elsewhere than the ledger: no other key is ever taken for them. */
  readonly pinnedRecipients?: readonly PinnedRecipient[]
  /** Keys of the applications that this client acts for. They belong to the caller, who closes them after `close`. */
  readonly applicationKeys?: ApplicationKeys
  readonly settings?: Partial<ClientSettings>
  /** The client starts and stops it. */
  readonly transport: (identity: TransportIdentity) => Promise<Transport>
  readonly random?: RandomSource
  readonly logger?: Logger
  /** Where sealing and opening are done; what is shared in this process or page when left out. */
  readonly crews?: Crews
}

/** What the platform brings. */
export interface ClientParts {
  /** Closed with the client, also when it cannot be made. */
  readonly home: ClientHome
  readonly files: FileAccess | null
  /** Stopped with the client, also when it cannot be made; null for those that are shared in this process. */
  readonly ownCrews: OwnCrews | null
  /** Left out or null in a web page: what custodians and parties of joint keys do, and sealing for custodians. */
  readonly custody?: { readonly keys: KeyCustody; readonly verbs: BindCustodyVerbs } | null
  /** Left out or null for a client without cards. */
  readonly cards?: CardOffload | null
  readonly policy: Policy
  readonly clock: Clock
}

/**
 * Puts a client together and starts its transport.
 *
 * @throws as the transport; OrlopError as `ClientIdentity.load`.
 */
export async function composeClient(
  options: ClientOptions,
  parts: ClientParts,
): Promise<OrlopClient> {
  try {
    return bindClient(await composeContext(options, parts), parts.custody?.verbs)
  } catch (error) {
    await parts.ownCrews?.stop()
    await parts.home.close()
    throw error
  }
}

async function composeContext(
  options: ClientOptions,
  { home, files, ownCrews, cards = null, custody = null, policy, clock }: ClientParts,
): Promise<ClientContext> {
  const { deployment, keyring, bootstrap = [] } = options
  const settings = { ...DEFAULT_SETTINGS, ...options.settings }
  const logger = options.logger ?? silentLogger
  const identity = new ClientIdentity({ keyring, deployment, cache: home.registry })
  await identity.load()
  const transport = await options.transport({
    peerSeed: randomBytes(PEER_SEED_BYTES),
    self: () => identity.helloSelf(),
    admit: onlyNodes,
  })
  await transport.start()
  const { callTimeoutMs, registryMaxAgeMs: maxAgeMs } = settings
  const network = new NodeNetwork({ transport, evidence: home.evidence, clock, callTimeoutMs })
  const knownNodes = async () => (await home.registry.nodes())?.nodes ?? []
  const relayPeers = relayPeersOf({ network, knownNodes, bootstrap })
  const ledger = options.ledger ?? new RelayLedgerReader(deployment, relayPeers)
  return {
    deployment,
    identity,
    home,
    files,
    ledger,
    directory: new NodeDirectory({ ledger, cache: home.registry, clock, maxAgeMs }),
    network,
    relayPeers,
    meter: new WireMeter(() => transport.wireBytes),
    pins: pinsOf(options.pinnedRecipients ?? []),
    policy,
    crews: options.crews ?? ownCrews ?? sharedCrews(),
    cards,
    applicationKeys: options.applicationKeys ?? null,
    custody: custody?.keys ?? null,
    ownCrews,
    events: new ClientEvents(),
    background: new BackgroundTasks(logger),
    activeUploads: new Set(),
    activeRequests: new Set(),
    settings,
    clock,
    random: options.random ?? systemRandom,
    logger,
  }
}

/** A client talks to nodes only. That a node is the one the ledger names is checked on every connection. */
function onlyNodes({ role }: HelloClaims): Promise<void> {
  if (role === 'node') return Promise.resolve()
  return Promise.reject(
    new OrlopError(
      'NOT_ADMITTED',
      `A ${role} answered where a node was expected. Check the address.`,
    ),
  )
}

/** @throws OrlopError `LEDGER_MISMATCH` when the ledger reader is of another deployment than the client. */
export function assertSameDeployment({
  deployment,
  ledger,
}: Pick<ClientOptions, 'deployment' | 'ledger'>): void {
  if (ledger === undefined) return
  const theirs = ledger.deployment
  const isSame =
    theirs.chainId === deployment.chainId &&
    (['registry', 'receipts', 'credit'] as const).every(
      (name) => theirs[name].toLowerCase() === deployment[name].toLowerCase(),
    )
  if (isSame) return
  throw new OrlopError(
    'LEDGER_MISMATCH',
    `The ledger reader is for chain ${theirs.chainId} and its contracts, the client for chain ${deployment.chainId} or other contracts. Give both the same deployment.`,
  )
}

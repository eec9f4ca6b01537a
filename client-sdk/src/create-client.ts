import { randomBytes } from '@orlop/crypto/bytes'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerReader } from '@orlop/protocol/ledger'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import type { HelloClaims, HelloSelf } from '@orlop/transport/hello'
import { createLibp2pTransport } from '@orlop/transport/libp2p-transport'
import type { PeerAddress, Transport } from '@orlop/transport/transport'
import { BackgroundTasks } from './background-tasks.ts'
import { bindClient, type OrlopClient } from './client.ts'
import { ClientIdentity } from './client-identity.ts'
import type { ClientContext } from './context.ts'
import { type PinnedRecipient, pinsOf } from './envelope/recipient-keys.ts'
import { ClientEvents } from './events.ts'
import { type ClientHome, openClientHome } from './home/client-home.ts'
import type { Keyring } from './keyring/keyring.ts'
import { NodeDirectory } from './ledger/node-directory.ts'
import { RelayLedgerReader } from './ledger/relay-ledger-reader.ts'
import { NodeNetwork } from './network/node-network.ts'
import { relayPeersOf } from './network/relay-peers.ts'
import { WireMeter } from './network/wire-meter.ts'
import { type RandomSource, systemRandom } from './placement/random-source.ts'
import { type Crews, sharedCrews } from './pipeline/shared-crews.ts'
import { loadPolicy } from './policy/load-policy.ts'
import type { Policy } from './policy/schema.ts'
import { type ClientSettings, DEFAULT_SETTINGS } from './settings.ts'

const SOFTWARE = 'orlop-sdk/0.1.0'
const PEER_SEED_BYTES = 32

/** What a transport needs to know of the client that uses it. */
export interface TransportIdentity {
  /** A fresh 32-byte seed: a client's libp2p identity is thrown away with the process. */
  readonly peerSeed: Uint8Array
  readonly self: () => HelloSelf
  readonly admit: (claims: HelloClaims) => Promise<void>
}

/** What a client is made of. */
export interface CreateClientOptions {
  /** Folder for catalogue, uploads under way and what was measured; made when missing. One process at a time. */
  readonly home: string
  /** Belongs to the caller, who disposes of it after `close`. */
  readonly keyring: Keyring
  /** The ledger all signatures are bound to. */
  readonly deployment: Deployment
  /** Reads the ledger directly; through connected nodes when left out. */
  readonly ledger?: LedgerReader
  /** Nodes to begin with, where the ledger is read through nodes and none is known from earlier. */
  readonly bootstrap?: readonly PeerAddress[]
  /** A policy, or the path of a policy file; the default policy for ship data when left out. */
  readonly policy?: Policy | string
  /** Opening keys of clients to share with, known from elsewhere than the ledger: no other key is ever taken for them. */
  readonly pinnedRecipients?: readonly PinnedRecipient[]
  readonly settings?: Partial<ClientSettings>
  /** libp2p over TCP when left out. The client starts and stops it. */
  readonly transport?: (identity: TransportIdentity) => Promise<Transport>
  readonly clock?: Clock
  readonly random?: RandomSource
  readonly logger?: Logger
  /** Where sealing and opening are done; worker threads shared in this process when left out. */
  readonly crews?: Crews
}

/**
 * Makes a client: opens its home folder and starts its transport. No connection is made before one is needed.
 *
 * @example
 * ```ts
 * const client = await createClient({ home, keyring, deployment, ledger })
 * const { objectId } = await client.store({ source: { path: 'voyage-plan.rtz' } })
 * await client.retrieveToFile({ objectId, file: 'copy.rtz' })
 * await client.close()
 * ```
 *
 * @throws OrlopError `HOME_LOCKED` when another process has the home folder open; `POLICY_INVALID` naming file and line;
 *   `LEDGER_MISMATCH` when the ledger reader is of another deployment.
 */
export async function createClient(options: CreateClientOptions): Promise<OrlopClient> {
  assertSameDeployment(options)
  const clock = options.clock ?? systemClock
  const { policy: policyOption } = options
  const policy = typeof policyOption === 'object' ? policyOption : await loadPolicy(policyOption)
  const home = await openClientHome(options.home, clock)
  try {
    return bindClient(await composeContext(options, { home, policy, clock }))
  } catch (error) {
    await home.close()
    throw error
  }
}

async function composeContext(
  options: CreateClientOptions,
  parts: { readonly home: ClientHome; readonly policy: Policy; readonly clock: Clock },
): Promise<ClientContext> {
  const { home, policy, clock } = parts
  const { deployment, keyring, bootstrap = [] } = options
  const settings = { ...DEFAULT_SETTINGS, ...options.settings }
  const logger = options.logger ?? silentLogger
  const identity = new ClientIdentity({ keyring, deployment, cache: home.registry })
  await identity.load()
  const transport = await (options.transport ?? libp2pTransport)({
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
    ledger,
    directory: new NodeDirectory({ ledger, cache: home.registry, clock, maxAgeMs }),
    network,
    relayPeers,
    meter: new WireMeter(() => transport.wireBytes),
    pins: pinsOf(options.pinnedRecipients ?? []),
    policy,
    crews: options.crews ?? sharedCrews(),
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

function libp2pTransport(identity: TransportIdentity): Promise<Transport> {
  return createLibp2pTransport({ ...identity, software: SOFTWARE })
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

function assertSameDeployment({ deployment, ledger }: CreateClientOptions): void {
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

import { mkdir } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { Logger } from '@orlop/protocol/logger'
import { callerAddress } from './api/caller-address.ts'
import { createApp } from './api/create-app.ts'
import { EventStreams } from './api/event-streams.ts'
import { healthOf } from './api/health.ts'
import { LEDGER_FORWARD_PATH, LedgerForwarder } from './api/ledger-forwarder.ts'
import { type RunningHttpServer, startHttpServer } from './api/http-server.ts'
import { TlsIdentity } from './api/tls-identity.ts'
import { hasVault } from './api/vault-pages.ts'
import { ExplorerIndex } from './index/explorer-index.ts'
import { LedgerFollower } from './index/ledger-follower.ts'
import { GatewayMetrics } from './observability/gateway-metrics.ts'
import { attachRelay, type RelayOptions } from './relay/attach-relay.ts'

const VERSION = '0.1.0'
const STOP_GRACE_MS = 1_000

export interface RunGatewayOptions {
  /** Folder of the index; made when missing. */
  home: string
  /** http(s) address of the ledger's JSON-RPC. */
  rpcUrl: string
  /** One that browsers may ask themselves; null for none. Everybody sees it. */
  publicRpcUrl: string | null
  /** Lets browsers read the contracts through the gateway, where there is no public address. */
  forwardsRpc: boolean
  deployment: Deployment
  /** Where to listen: an address of this machine, and a port or 0 for any free one. */
  host: string
  port: number
  /** Key and certificates to serve HTTPS with, as `orlop kmc cert issue` writes them; null for HTTP. */
  tlsIdentityFile: string | null
  /** Folder of the explorer's built pages. */
  pagesFolder: string
  /** Origins whose pages may read the API and use the relay; `*` for every one. */
  allowedOrigins: readonly string[]
  /** Of one address. */
  requestsPerMinute: number
  trustedProxies: number
  logger: Logger
}

/** A gateway that serves. */
export interface RunningGateway {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/**
 * Runs the gateway: the index follows the ledger, the API and the explorer's pages are served. It serves at once, also while the
 * ledger is away: `/v1/health` says how things stand.
 *
 * @throws OrlopError `CONFIG_INVALID`, `HOME_LOCKED`.
 */
export async function runGateway(options: RunGatewayOptions): Promise<RunningGateway> {
  const { deployment, logger, rpcUrl } = options
  assertShowable(options.publicRpcUrl)
  const { tlsIdentityFile } = options
  const tls = tlsIdentityFile === null ? null : await TlsIdentity.open(tlsIdentityFile, logger)
  await mkdir(options.home, { recursive: true })
  const ledger = new EthersLedgerReader({ rpcUrl, deployment })
  const index = new ExplorerIndex({ path: join(options.home, 'index.sqlite'), deployment, logger })
  const follower = new LedgerFollower({ ledger, index, logger })
  const metrics = new GatewayMetrics()
  metrics.watch(() => index.progress())
  const events = new EventStreams({ reader: index, meter: metrics })
  const closeIndex = async (): Promise<void> => {
    events.stop()
    // A ledger that says nothing may keep it longer; it writes nothing any more then.
    await Promise.race([follower.stop(), pause(STOP_GRACE_MS, undefined, { ref: false })])
    index.close()
  }
  let http: RunningHttpServer
  try {
    const app = appOf(options, { index, follower, metrics, events })
    http = await startHttpServer(app, options, tls)
  } catch (error) {
    tls?.stop()
    await closeIndex()
    throw error
  }
  const relay = attachRelay(http.server, relayOptions(options, ledger, metrics))
  await follower.start()
  const { url, port } = http
  logger.info({ url }, 'the gateway serves')
  const stop = async (): Promise<void> => {
    events.stop()
    await relay.stop()
    await http.stop()
    await closeIndex()
  }
  return { url, port, stop }
}

interface GatewayParts {
  index: ExplorerIndex
  follower: LedgerFollower
  metrics: GatewayMetrics
  events: EventStreams
}

function appOf(options: RunGatewayOptions, parts: GatewayParts): RequestListener {
  const { deployment, logger, publicRpcUrl, rpcUrl } = options
  const { index, follower, metrics, events } = parts
  const forwarder = options.forwardsRpc ? new LedgerForwarder(rpcUrl, deployment) : null
  return createApp(
    {
      reader: index,
      deployment: (origin) => ({
        ...deployment,
        hasVault: hasVault(options.pagesFolder),
        rpcUrl: publicRpcUrl ?? (forwarder === null ? null : origin + LEDGER_FORWARD_PATH),
      }),
      health: () => healthOf(index.progress(), follower.condition, VERSION),
      events,
      meter: metrics,
      metrics: () => metrics.exposition(),
      forwarder,
      logger,
    },
    {
      ...options,
      version: VERSION,
      ledgerOrigin: publicRpcUrl === null ? null : new URL(publicRpcUrl).origin,
    },
  )
}

function relayOptions(
  { allowedOrigins, trustedProxies, logger }: RunGatewayOptions,
  ledger: LedgerReader,
  metrics: GatewayMetrics,
): RelayOptions {
  return {
    readNodes: (options) => ledger.nodes(options),
    isOriginAllowed: (origin) => allowedOrigins.includes(origin) || allowedOrigins.includes('*'),
    addressOf: (request) => callerAddress(request, trustedProxies),
    observer: metrics.relay,
    logger,
  }
}

/** What everybody sees must not let anybody in. @throws OrlopError `CONFIG_INVALID`. */
function assertShowable(text: string | null): void {
  if (text === null) return
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return
  throw new OrlopError(
    'CONFIG_INVALID',
    'The public RPC address is no http(s) address, or it holds a user or password. Everybody who opens the explorer sees it: give one that needs none.',
  )
}

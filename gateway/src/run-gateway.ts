import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import type { ApiHealth } from '@orlop/protocol/api/service'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { createApp } from './api/create-app.ts'
import { EventStreams } from './api/event-streams.ts'
import { healthOf } from './api/health.ts'
import { type RunningHttpServer, startHttpServer } from './api/http-server.ts'
import { ExplorerIndex } from './index/explorer-index.ts'
import { LedgerFollower } from './index/ledger-follower.ts'
import { GatewayMetrics } from './observability/gateway-metrics.ts'

const VERSION = '0.1.0'

export interface RunGatewayOptions {
  /** Folder of the index; made when missing. */
  home: string
  /** http(s) address of the ledger's JSON-RPC. */
  rpcUrl: string
  /** One that browsers may ask themselves; null for none. Everybody sees it. */
  publicRpcUrl: string | null
  deployment: Deployment
  /** Where to listen: an address of this machine, and a port or 0 for any free one. */
  host: string
  port: number
  /** Folder of the explorer's built pages. */
  pagesFolder: string
  /** Origins whose pages may read the API; `*` for every one. */
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
  const publicRpcUrl = checkedPublicUrl(options.publicRpcUrl)
  await mkdir(options.home, { recursive: true })
  const ledger = new EthersLedgerReader({ rpcUrl, deployment })
  const index = new ExplorerIndex({ path: join(options.home, 'index.sqlite'), deployment, logger })
  const follower = new LedgerFollower({ ledger, index, logger })
  const metrics = new GatewayMetrics()
  metrics.watch(() => index.progress())
  const events = new EventStreams({ reader: index, meter: metrics })
  const health = (): ApiHealth => healthOf(index.progress(), follower.condition, VERSION)
  const app = createApp(
    {
      reader: index,
      deployment: { ...deployment, rpcUrl: publicRpcUrl },
      health,
      events,
      meter: metrics,
      metrics: () => metrics.exposition(),
      logger,
    },
    { ...options, version: VERSION },
  )
  const close = async (http: RunningHttpServer | null): Promise<void> => {
    events.stop()
    await http?.stop()
    await follower.stop()
    index.close()
  }
  try {
    const http = await startHttpServer(app, options)
    await follower.start()
    logger.info({ url: http.url }, 'the gateway serves')
    return { url: http.url, port: http.port, stop: () => close(http) }
  } catch (error) {
    await close(null)
    throw error
  }
}

/** What everybody sees must not let anybody in. @throws OrlopError `CONFIG_INVALID`. */
function checkedPublicUrl(text: string | null): string | null {
  if (text === null) return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return text
  throw new OrlopError(
    'CONFIG_INVALID',
    'The public RPC address is no http(s) address, or it holds a user or password. Everybody who opens the explorer sees it: give one that needs none.',
  )
}

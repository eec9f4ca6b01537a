import { addressOfKey, testKey, testProfile } from '@orlop/contracts/chain-client.fixture'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { silentLogger } from '@orlop/protocol/logger'
import { IndexedLedger } from '../index/indexed-ledger.fixture.ts'
import { GatewayMetrics } from '../observability/gateway-metrics.ts'
import { type AppOptions, type AppParts, createApp } from './create-app.ts'
import { EVENT_STREAM_LIMITS, type EventStreamLimits, EventStreams } from './event-streams.ts'
import { healthOf } from './health.ts'
import { type RunningHttpServer, startHttpServer } from './http-server.ts'

/** What a stranger may have written on the ledger. */
export const HOSTILE_NAME = `<script>alert(1)</script>'; DROP TABLE receipts;--"`

const HOSTILE_CLIENT_KEY = testKey(23)
const HOSTILE_NODE_KEY = testKey(33)

interface ServedParts extends Partial<Pick<AppParts, 'forwarder'>> {
  limits?: Partial<EventStreamLimits>
}

/** A ledger in memory, its index, and the API over HTTP. */
export class ServedLedger {
  readonly at: IndexedLedger
  readonly events: EventStreams
  readonly #http: RunningHttpServer

  private constructor(at: IndexedLedger, events: EventStreams, http: RunningHttpServer) {
    this.at = at
    this.events = events
    this.#http = http
  }

  static async start(
    options: Partial<AppOptions> = {},
    { limits = {}, ...parts }: ServedParts = {},
  ): Promise<ServedLedger> {
    const at = new IndexedLedger()
    const meter = new GatewayMetrics()
    meter.watch(() => at.index.progress())
    const events = new EventStreams(
      { reader: at.index, meter },
      { ...EVENT_STREAM_LIMITS, ...limits },
    )
    const app = createApp(
      {
        reader: at.index,
        deployment: (origin) => ({
          ...at.ledger.deployment,
          rpcUrl: `${origin}/v1/rpc`,
          hasVault: false,
        }),
        health: () => healthOf(at.index.progress(), at.follower.condition, '0.0.0-test'),
        events,
        meter,
        metrics: () => meter.exposition(),
        forwarder: null,
        logger: silentLogger,
        ...parts,
      },
      {
        version: '0.0.0-test',
        ledgerOrigin: 'https://rpc.example',
        pagesFolder: '/nonexistent',
        allowedOrigins: [],
        requestsPerMinute: 1_000_000,
        trustedProxies: 0,
        ...options,
      },
    )
    return new ServedLedger(at, events, await startHttpServer(app, { host: '127.0.0.1', port: 0 }))
  }

  /** The usual parties, and strangers with hostile names; one object with everything that can happen to it. @returns its transaction. */
  async fill(): Promise<string> {
    const { at } = this
    await at.on.admitAll()
    const signer = addressOfKey(HOSTILE_CLIENT_KEY)
    const hostile = at.on.registration({ signer, name: HOSTILE_NAME }, HOSTILE_CLIENT_KEY)
    await at.on.steward.registerClient(hostile)
    const stranger = new MemoryChainClient(at.ledger, addressOfKey(HOSTILE_NODE_KEY))
    await stranger.registerNode(testProfile({ name: HOSTILE_NAME, region: '<b>' }))
    const { transactionHash } = await at.record({ sequence: 0 }, { sequence: 1, index: 1 })
    await at.on.nodes[1].rate(at.on.rating({ sequence: 0 }))
    await at.on.nodes[1].rate(at.on.rating({ sequence: 1, score: 2 }))
    await at.on.nodes[0].anchorEnvelope(at.on.envelope(2, testKey(0x55)))
    await at.follower.catchUp()
    return transactionHash
  }

  get url(): string {
    return this.#http.url
  }

  /** @param path - from `/` on. */
  get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url.slice(0, -1) + path, init)
  }

  async stop(): Promise<void> {
    this.events.stop()
    await this.#http.stop()
    this.at.index.close()
  }
}

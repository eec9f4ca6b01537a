import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ApiProgress } from '@orlop/protocol/api/overview'
import type { HttpMeter } from '../api/http-meter.ts'
import { RelayMetrics } from './relay-metrics.ts'

/** Seconds; the bars of the explorer are 0.1 and 0.2. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5]

/** Counts of the gateway in Prometheus' text format. All names begin with `orlop_gateway_`. */
export class GatewayMetrics implements HttpMeter {
  readonly #registry = new Registry()
  readonly relay = new RelayMetrics(this.#registry)
  readonly #requests: Histogram<'route' | 'status'>
  readonly #streams: Gauge
  readonly #dropped: Counter

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    this.#requests = new Histogram({
      name: 'orlop_gateway_request_seconds',
      help: 'Requests and how long they took.',
      labelNames: ['route', 'status'],
      buckets: BUCKETS,
      registers,
    })
    this.#streams = new Gauge({
      name: 'orlop_gateway_event_streams',
      help: 'Live streams that are open.',
      registers,
    })
    this.#dropped = new Counter({
      name: 'orlop_gateway_event_streams_dropped_total',
      help: 'Live streams that were cut because their reader was too slow.',
      registers,
    })
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.observe({ route, status }, seconds)
  }

  setEventStreams(count: number): void {
    this.#streams.set(count)
  }

  eventStreamDropped(): void {
    this.#dropped.inc()
  }

  /** Shows how far the index has come at every scrape. */
  watch(progress: () => ApiProgress): void {
    const blocks = new Gauge({
      name: 'orlop_gateway_block',
      help: 'Newest block of the index, and of the ledger.',
      labelNames: ['of'],
      registers: [this.#registry],
      collect: () => {
        const { indexed, head } = progress()
        blocks.set({ of: 'index' }, indexed?.blockNumber ?? 0)
        blocks.set({ of: 'ledger' }, head?.blockNumber ?? 0)
      },
    })
  }

  async exposition(): Promise<{ text: string; contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType }
  }
}

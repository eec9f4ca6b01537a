import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MonitoredSource } from '../random/monitored-source.ts'
import type { Seal } from '../root/seal.ts'
import type { HttpMeter } from './request-meter.ts'

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5]

/** Counts of the centre in Prometheus' text format: names begin with `orlop_kmc_`, and nothing in them names a key or an application. */
export class CentreMetrics implements HttpMeter {
  /** Further parts of the centre register theirs here. */
  readonly registry = new Registry()
  readonly #requests: Histogram<'route' | 'status'>
  readonly #refusals: Counter

  constructor() {
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    this.#requests = new Histogram({
      name: 'orlop_kmc_request_seconds',
      help: 'Requests and how long they took.',
      labelNames: ['route', 'status'],
      buckets: BUCKETS,
      registers,
    })
    this.#refusals = new Counter({
      name: 'orlop_kmc_certificates_refused_total',
      help: 'Requests of those who have no good certificate of this centre.',
      registers,
    })
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.observe({ route, status }, seconds)
  }

  certificateRefused(): void {
    this.#refusals.inc()
  }

  /** Shows at every scrape whether the centre is sealed and whether its random source is good. */
  watch(seal: Seal, random: MonitoredSource): void {
    const registers = [this.registry]
    const unsealed: Gauge = new Gauge({
      name: 'orlop_kmc_unsealed',
      help: '1 while the centre is unsealed.',
      registers,
      collect: () => unsealed.set(seal.status.state === 'unsealed' ? 1 : 0),
    })
    const good: Gauge = new Gauge({
      name: 'orlop_kmc_random_good',
      help: '1 while the random source has passed its last test.',
      registers,
      collect: () => good.set(random.status.state === 'good' ? 1 : 0),
    })
  }

  async exposition(): Promise<{ text: string; contentType: string }> {
    return { text: await this.registry.metrics(), contentType: this.registry.contentType }
  }
}

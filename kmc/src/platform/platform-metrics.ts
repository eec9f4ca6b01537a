import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { CardPool } from '@orlop/crypto/cards/pool/card-pool'
import type { PoolAlert, PooledCardState } from '@orlop/crypto/cards/pool/pool-events'
import type { OperationMeter } from './operation-meter.ts'

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]
const STATES: readonly PooledCardState[] = ['opening', 'ready', 'quarantined', 'failed', 'leaving']

/** Counts of the platform among the centre's. Nothing in them names a key or an application. */
export class PlatformMetrics implements OperationMeter {
  readonly #registry: Registry
  readonly #operations: Histogram<'operation' | 'outcome'>
  readonly #alerts: Counter<'kind'>

  constructor(registry: Registry) {
    this.#registry = registry
    const registers = [registry]
    this.#operations = new Histogram({
      name: 'orlop_kmc_operation_seconds',
      help: 'Operations for applications and how long they took; outcome is ok or the code of the refusal.',
      labelNames: ['operation', 'outcome'],
      buckets: BUCKETS,
      registers,
    })
    this.#alerts = new Counter({
      name: 'orlop_kmc_card_alerts_total',
      help: 'What was told of the cards: see the log for which card and why.',
      labelNames: ['kind'],
      registers,
    })
  }

  operation(operation: string, outcome: string, seconds: number): void {
    this.#operations.observe({ operation, outcome }, seconds)
  }

  alert({ kind }: PoolAlert): void {
    this.#alerts.inc({ kind })
  }

  /** Shows the state of cards and queue at every scrape. */
  watch(pools: readonly CardPool[]): void {
    const registers = [this.#registry]
    const cards: Gauge<'state'> = new Gauge({
      name: 'orlop_kmc_cards',
      help: 'Cards by state.',
      labelNames: ['state'],
      registers,
      collect: () => {
        const all = pools.flatMap((pool) => pool.metrics().cards)
        for (const state of STATES) {
          cards.set({ state }, all.filter((card) => card.state === state).length)
        }
      },
    })
    const waiting: Gauge = new Gauge({
      name: 'orlop_kmc_operations_waiting',
      help: 'Operations that wait for a card.',
      registers,
      collect: () => {
        waiting.set(pools.reduce((sum, pool) => sum + pool.metrics().waiting, 0))
      },
    })
  }
}

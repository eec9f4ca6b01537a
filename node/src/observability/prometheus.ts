import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { StorageNode } from '../create-node.ts'
import type { NodeCounter, NodeMeter } from '../network/node-meter.ts'
import type { StorageCounter, StorageGauge, StorageMetrics } from '../storage/interfaces.ts'

const NODE_COUNTERS: Readonly<Record<NodeCounter, string>> = {
  offers_accepted_total: 'Strips for which room was reserved.',
  offers_refused_total: 'Strips that were refused.',
  commits_total: 'Objects committed to this node as their ingress node.',
  strips_spread_total: 'Strips brought to other nodes.',
  spread_failures_total: 'Attempts to bring a strip to another node that failed.',
  fetched_bytes_total: 'Bytes of strips given out.',
  relayed_messages_total: 'Signed messages of clients taken for the ledger.',
  peers_refused_total: 'Peers that admission refused.',
}

const STORAGE_COUNTERS: Readonly<Record<StorageCounter, string>> = {
  strips_stored_total: 'Strips made final.',
  strips_expired_total: 'Strips deleted after their expiry.',
  strips_removed_total: 'Strips deleted at their client’s word.',
  strips_damaged_total: 'Strips whose bytes were not those of their root.',
  receipts_recorded_total: 'Receipts put on the ledger.',
  receipts_final_total: 'Receipts the ledger cannot lose any more.',
  receipts_rejected_total: 'Receipts the ledger did not take.',
  receipts_lost_total: 'Receipts the ledger lost and was given again.',
  ledger_failures_total: 'Calls to the ledger that failed.',
}

const STORAGE_GAUGES: Readonly<Record<StorageGauge, string>> = {
  stored_bytes: 'Bytes of finished strips and of envelopes.',
  reserved_bytes: 'Bytes reserved for strips to come.',
  open_reservations: 'Reservations that are open.',
  outbox_receipts: 'Receipts that are not final on the ledger.',
  relay_messages: 'Messages of clients that are not final on the ledger.',
}

/** Counts of one node in Prometheus' text format. All names begin with `orlop_`. */
export class PrometheusMetrics implements NodeMeter, StorageMetrics {
  readonly #registry = new Registry()
  readonly #counters = new Map<string, Counter>()
  readonly #gauges = new Map<string, Gauge>()

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
    for (const [name, help] of Object.entries({ ...NODE_COUNTERS, ...STORAGE_COUNTERS })) {
      this.#counters.set(
        name,
        new Counter({ name: `orlop_${name}`, help, registers: [this.#registry] }),
      )
    }
    for (const [name, help] of Object.entries(STORAGE_GAUGES)) {
      this.#gauges.set(
        name,
        new Gauge({ name: `orlop_${name}`, help, registers: [this.#registry] }),
      )
    }
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  add(counter: NodeCounter | StorageCounter, by: number): void {
    this.#counters.get(counter)?.inc(by)
  }

  set(gauge: StorageGauge, value: number): void {
    this.#gauges.get(gauge)?.set(value)
  }

  /** Shows the node's wire bytes at every scrape. */
  watch(node: StorageNode): void {
    const wire = new Gauge({
      name: 'orlop_wire_bytes',
      help: 'Bytes at the TCP sockets since the start, handshakes and framing included.',
      labelNames: ['direction'],
      registers: [this.#registry],
      collect: () => {
        const { sentBytes, receivedBytes } = node.wireBytes
        wire.set({ direction: 'sent' }, sentBytes)
        wire.set({ direction: 'received' }, receivedBytes)
      },
    })
  }

  /** The exposition text. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }
}

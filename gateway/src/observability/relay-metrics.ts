import { Counter, Gauge, type Registry } from 'prom-client'
import type { ErrorCode } from '@orlop/protocol/error-codes'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { RelayObserver, SessionEnd } from '../relay/relay-observer.ts'

const PREFIX = 'orlop_gateway_relay_'

/** Counts of what is passed on between browsers and nodes. */
export class RelayMetrics implements RelayObserver {
  readonly #sessions: Gauge
  readonly #sessionEnds: Counter<'end'>
  readonly #sessionRefusals: Counter<'status'>
  readonly #streams: Gauge
  readonly #opened: Counter<'verb'>
  readonly #streamRefusals: Counter<'code'>
  readonly #bytes: Counter<'direction'>

  constructor(registry: Registry) {
    const gauge = (name: string, help: string) =>
      new Gauge({ name: PREFIX + name, help, registers: [registry] })
    const counter = <L extends string>(name: string, help: string, label: L) =>
      new Counter({ name: PREFIX + name, help, labelNames: [label], registers: [registry] })
    this.#sessions = gauge('sessions', 'Sessions of browsers that are open.')
    this.#sessionEnds = counter('sessions_ended_total', 'Sessions that ended, by why.', 'end')
    this.#sessionRefusals = counter(
      'sessions_refused_total',
      'Browsers that got no session, by HTTP status.',
      'status',
    )
    this.#streams = gauge('streams', 'Streams between browsers and nodes that are open.')
    this.#opened = counter('streams_opened_total', 'Streams to nodes, by verb.', 'verb')
    this.#streamRefusals = counter(
      'streams_refused_total',
      'Streams that were not opened, by what the browser was told.',
      'code',
    )
    this.#bytes = counter('bytes_total', 'Bytes passed on.', 'direction')
  }

  sessionOpened(): void {
    this.#sessions.inc()
  }

  sessionEnded(end: SessionEnd): void {
    this.#sessions.dec()
    this.#sessionEnds.inc({ end })
  }

  sessionRefused(status: number): void {
    this.#sessionRefusals.inc({ status })
  }

  streamOpened(verb: Verb): void {
    this.#streams.inc()
    this.#opened.inc({ verb })
  }

  streamEnded(): void {
    this.#streams.dec()
  }

  streamRefused(code: ErrorCode): void {
    this.#streamRefusals.inc({ code })
  }

  passedOn(direction: 'toNode' | 'toBrowser', bytes: number): void {
    this.#bytes.inc({ direction }, bytes)
  }
}

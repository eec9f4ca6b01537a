import {
  DAY_MS,
  HOUR_MS,
  MAX_BUCKETS,
  type ApiOverview,
  type ApiProgress,
  type ApiStatistics,
  type StatisticsQuery,
} from '@orlop/protocol/api/overview'
import type { ApiNode } from '@orlop/protocol/api/nodes'
import type { ApiClassTotal } from '@orlop/protocol/api/clients'
import { OrlopError } from '@orlop/protocol/errors'
import type { IndexFile } from '../index-file.ts'
import type { IndexStore } from '../index-store.ts'
import { toClassTotal } from './client-queries.ts'
import type { NodeQueries } from './node-queries.ts'
import type { ReceiptQueries } from './receipt-queries.ts'
import { toCount } from './row-values.ts'

interface Parts {
  file: IndexFile
  store: IndexStore
  receipts: ReceiptQueries
  nodes: NodeQueries
}

/** What statistics show where no time is asked for. */
const DEFAULT_BUCKETS = { hour: 24, day: 30 } as const
const RECENT_RECEIPTS = 20

/** Totals of the network, now and over time. */
export class OverviewQueries {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  progress(): ApiProgress {
    const { indexed, head } = this.#parts.store
    return { indexed, head, isCaughtUp: head !== null && indexed?.blockHash === head.blockHash }
  }

  overview(): ApiOverview {
    const nodes = this.#parts.nodes.all()
    const buckets = this.statistics({ bucket: 'hour' }).buckets
    return {
      progress: this.progress(),
      totals: this.#totals(nodes),
      nodeStates: nodeStates(nodes),
      creditDifferences: nodes.filter((node) => !node.isCreditConfirmed).length,
      hours: buckets.map(({ startMs, receipts, streamBytes, ratings }) => ({
        startMs,
        receipts,
        streamBytes,
        ratings,
      })),
      classes: this.#classes(),
      recent: this.#parts.receipts.newest(RECENT_RECEIPTS),
    }
  }

  /** @throws OrlopError `USAGE` beyond `MAX_BUCKETS`. */
  statistics(query: StatisticsQuery): ApiStatistics {
    const { bucket } = query
    const bucketMs = bucket === 'hour' ? HOUR_MS : DAY_MS
    const newestMs = this.#parts.store.indexed?.blockTimeMs ?? 0
    const toMs = query.toMs ?? Math.max(newestMs, query.fromMs ?? 0)
    const last = Math.floor(toMs / bucketMs)
    const defaultFromMs = Math.max(0, last - DEFAULT_BUCKETS[bucket] + 1) * bucketMs
    const fromMs = query.fromMs ?? defaultFromMs
    const first = Math.floor(fromMs / bucketMs)
    if (last - first >= MAX_BUCKETS) {
      throw new OrlopError(
        'USAGE',
        `That time has more than ${MAX_BUCKETS} buckets. Ask for a shorter time, or for days.`,
      )
    }
    const classes = this.#bucketClasses(first, last, bucketMs)
    const ratings = this.#bucketRatings(first, last, bucketMs)
    const numbers = Array.from({ length: last - first + 1 }, (_, place) => first + place)
    const buckets = numbers.map((number) => ({
      startMs: number * bucketMs,
      ...sumOf(classes.get(number) ?? []),
      ratings: ratings.get(number) ?? 0,
      classes: classes.get(number) ?? [],
    }))
    return { bucket, fromMs, toMs, buckets }
  }

  #totals(nodes: readonly ApiNode[]): ApiOverview['totals'] {
    const { file } = this.#parts
    const counts =
      file
        .prepare(
          `SELECT (SELECT total(objects) FROM client_objects) AS objects, (SELECT count(*) FROM clients) AS clients,
             (SELECT total(ratings) FROM rating_hours) AS ratings,
             total(receipts) AS receipts, total(live_strips) AS live_strips, total(live_bytes) AS live_bytes
           FROM node_totals`,
        )
        .get() ?? {}
    const sum = (pick: (node: ApiNode) => number) =>
      toCount(nodes.reduce((total, node) => total + pick(node), 0))
    return {
      receipts: toCount(counts['receipts']),
      objects: toCount(counts['objects']),
      clients: toCount(counts['clients']),
      nodes: nodes.length,
      ratings: toCount(counts['ratings']),
      liveStrips: toCount(counts['live_strips']),
      liveBytes: toCount(counts['live_bytes']),
      capacityBytes: sum(({ capacityBytes }) => capacityBytes),
      freeBytes: sum(({ freeBytes }) => freeBytes),
    }
  }

  #classes(): ApiClassTotal[] {
    return this.#parts.file
      .prepare(
        `SELECT class_code, total(receipts) AS receipts, total(stream_bytes) AS stream_bytes
         FROM client_totals GROUP BY class_code HAVING total(receipts) > 0 ORDER BY class_code`,
      )
      .all()
      .map(toClassTotal)
  }

  #bucketClasses(first: number, last: number, bucketMs: number): Map<number, ApiClassTotal[]> {
    const { bucket, fromHour, toHour } = hoursOf(first, last, bucketMs)
    const rows = this.#parts.file
      .prepare(
        `SELECT ${bucket} AS bucket, class_code, total(receipts) AS receipts, total(stream_bytes) AS stream_bytes
         FROM hour_totals WHERE hour >= ? AND hour < ? AND receipts > 0
         GROUP BY ${bucket}, class_code ORDER BY ${bucket}, class_code`,
      )
      .all(fromHour, toHour)
    const buckets = new Map<number, ApiClassTotal[]>()
    for (const row of rows) {
      const number = Number(row['bucket'])
      const classes = buckets.get(number)
      if (classes === undefined) buckets.set(number, [toClassTotal(row)])
      else classes.push(toClassTotal(row))
    }
    return buckets
  }

  #bucketRatings(first: number, last: number, bucketMs: number): Map<number, number> {
    const { bucket, fromHour, toHour } = hoursOf(first, last, bucketMs)
    const rows = this.#parts.file
      .prepare(
        `SELECT ${bucket} AS bucket, total(ratings) AS ratings FROM rating_hours
         WHERE hour >= ? AND hour < ? GROUP BY ${bucket}`,
      )
      .all(fromHour, toHour)
    return new Map(rows.map((row) => [Number(row['bucket']), toCount(row['ratings'])]))
  }
}

/** A bucket's number as SQL, and the hours of a run of buckets. The divisor is no parameter: SQLite would divide by a real number. */
function hoursOf(first: number, last: number, bucketMs: number) {
  const hours = bucketMs / HOUR_MS
  const bucket = hours === 1 ? 'hour' : `hour / ${hours}`
  return { bucket, fromHour: first * hours, toHour: (last + 1) * hours }
}

function sumOf(classes: readonly ApiClassTotal[]): { receipts: number; streamBytes: number } {
  const sum = (pick: (total: ApiClassTotal) => number) =>
    toCount(classes.reduce((total, each) => total + pick(each), 0))
  return {
    receipts: sum(({ receipts }) => receipts),
    streamBytes: sum(({ streamBytes }) => streamBytes),
  }
}

function nodeStates(nodes: readonly ApiNode[]): ApiOverview['nodeStates'] {
  const states = { pending: 0, admitted: 0, draining: 0, retired: 0 }
  for (const { state } of nodes) states[state] += 1
  return states
}

import { createApp } from '@orlop/gateway/api/create-app'
import { EventStreams } from '@orlop/gateway/api/event-streams'
import { startHttpServer, type RunningHttpServer } from '@orlop/gateway/api/http-server'
import { ExplorerIndex } from '@orlop/gateway/index/explorer-index'
import { LedgerFollower } from '@orlop/gateway/index/ledger-follower'
import { GatewayMetrics } from '@orlop/gateway/observability/gateway-metrics'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { silentLogger } from '@orlop/protocol/logger'
import { existsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { percentile, summarize } from '../statistics.ts'
import { EXPLORER_REQUESTS, type ExplorerRequest } from './explorer-requests.ts'
import { RECORDED_DEPLOYMENT, RecordedLedger } from './recorded-ledger.ts'
import { Seeded } from './seeded.ts'
import { writeRecordedLog } from './write-recorded-log.ts'

const RECEIPTS = { full: 1_000_000, quick: 2_000 }
/** Each page's 95th percentile is taken of so many requests, so many times. */
const REQUESTS = { full: 40, quick: 3 }
const ROUNDS = { full: 3, quick: 1 }
const OVERVIEW_BAR_MS = 100
const PAGE_BAR_MS = 200

/** The explorer's index, fed from a recorded log, and every page's time at its HTTP server. */
export const explorerBench: Bench = {
  name: 'explorer',
  measures:
    'the index with a million receipts: catching up, and the 95th percentile of each page over HTTP on loopback',
  isDefault: true,
  limitMs: 1_200_000,
  run: measure,
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  const size = context.isQuick ? 'quick' : 'full'
  const path = join(context.folder, 'ledger-log.ndjson')
  context.progress(`writing a log of ${RECEIPTS[size]} receipts`)
  await writeRecordedLog({ path, receipts: RECEIPTS[size], seed: 1, signal: context.signal })
  const ledger = new RecordedLedger(path)
  const file = join(context.folder, 'index.sqlite')
  const index = new ExplorerIndex({ path: file, deployment: RECORDED_DEPLOYMENT })
  try {
    const catchingUp = await catchUp({ ledger, index, file }, context)
    return [...catchingUp, ...(await pages({ ledger, index, size }, context))]
  } finally {
    index.close()
    ledger.close()
  }
}

async function catchUp(
  { ledger, index, file }: { ledger: RecordedLedger; index: ExplorerIndex; file: string },
  context: BenchContext,
): Promise<BenchRow[]> {
  context.progress(`following ${ledger.blocks} blocks`)
  let peakBytes = 0
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  }, 200)
  const startMs = performance.now()
  await new LedgerFollower({ ledger, index }).catchUp({ signal: context.signal })
  clearInterval(sampling)
  const seconds = (performance.now() - startMs) / 1000
  const { receipts } = index.overview().totals
  const memory = Math.max(peakBytes, process.memoryUsage.rss()) / 2 ** 20
  return [
    summarize({ metric: 'catching up', unit: 'receipts/s', values: [receipts / seconds] }),
    summarize({ metric: 'memory of the process meanwhile', unit: 'MiB', values: [memory] }),
    summarize({ metric: 'file', unit: 'MiB', values: [sizeOf(file) / 2 ** 20] }),
  ]
}

/** Of the file and its journal. */
function sizeOf(file: string): number {
  const parts = [file, `${file}-wal`].filter((path) => existsSync(path))
  return parts.reduce((total, path) => total + statSync(path).size, 0)
}

async function pages(
  { ledger, index, size }: { ledger: RecordedLedger; index: ExplorerIndex; size: 'full' | 'quick' },
  context: BenchContext,
): Promise<BenchRow[]> {
  const http = await serve(index)
  const random = new Seeded(2)
  const rows: BenchRow[] = []
  try {
    for (const request of EXPLORER_REQUESTS) {
      context.progress(request.page)
      const values: number[] = []
      for (let round = 0; round < ROUNDS[size]; round++) {
        context.signal.throwIfAborted()
        values.push(await p95({ http, ledger, random, request }, REQUESTS[size]))
      }
      const atMost = request.page === 'overview' ? OVERVIEW_BAR_MS : PAGE_BAR_MS
      rows.push(summarize({ metric: request.page, unit: 'ms', values, bar: { atMost } }))
    }
    return rows
  } finally {
    await http.stop()
  }
}

interface Asking {
  http: RunningHttpServer
  ledger: RecordedLedger
  random: Seeded
  request: ExplorerRequest
}

/** The 95th percentile of so many requests, each about another receipt, ms from asking to the last byte. */
async function p95({ http, ledger, random, request }: Asking, requests: number): Promise<number> {
  const times: number[] = []
  for (let asked = 0; asked < requests; asked++) {
    const url = new URL(request.path(anyReceipt(ledger, random), random), http.url)
    const startMs = performance.now()
    const response = await fetch(url)
    await response.arrayBuffer()
    times.push(performance.now() - startMs)
    if (!response.ok) throw new Error(`${url.pathname} answers ${response.status}`)
  }
  return percentile(times, 95)
}

function anyReceipt(ledger: RecordedLedger, random: Seeded): Receipt {
  for (;;) {
    const { receipts } = ledger.read(1 + random.below(ledger.blocks)).logs
    if (receipts.length > 0) return random.of(receipts)
  }
}

/** The gateway's HTTP side as it runs, with compression and headers, and without a limit on requests. */
async function serve(index: ExplorerIndex): Promise<RunningHttpServer> {
  const meter = new GatewayMetrics()
  const app = createApp(
    {
      reader: index,
      deployment: () => ({ ...RECORDED_DEPLOYMENT, rpcUrl: null, hasVault: false }),
      health: () => ({ status: 'ok', version: 'bench', progress: index.progress(), detail: null }),
      events: new EventStreams({ reader: index, meter }),
      meter,
      metrics: () => meter.exposition(),
      forwarder: null,
      logger: silentLogger,
    },
    {
      version: 'bench',
      ledgerOrigin: null,
      pagesFolder: tmpdir(),
      allowedOrigins: [],
      requestsPerMinute: Number.MAX_SAFE_INTEGER,
      trustedProxies: 0,
    },
  )
  return startHttpServer(app, { host: '127.0.0.1', port: 0 })
}

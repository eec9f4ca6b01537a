import { expect } from 'chai'
import type { HealthReport } from '../network/health.ts'
import { PrometheusMetrics } from '../observability/prometheus.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { type AdminServer, startAdminServer } from './admin-server.ts'

const HEALTHY: HealthReport = {
  ok: true,
  nodeId: 4,
  state: 'admitted',
  ledger: { ok: true },
  disk: { ok: true, freeBytes: 5, missingStrips: 0, damagedStrips: 0 },
  outbox: { ok: true, waitingReceipts: 0, waitingMessages: 0, idleMs: 0 },
  spreads: { waitingStrips: 0 },
}

describe('admin server', () => {
  const metrics = new PrometheusMetrics()
  let report = HEALTHY
  let server: AdminServer

  before(async () => {
    const text = async () => ({ text: await metrics.text(), contentType: metrics.contentType })
    server = await startAdminServer({ metrics: text, health: () => Promise.resolve(report) }, 0)
  })

  after(async () => {
    await server.stop()
  })

  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)

  it('shows counters and gauges to Prometheus', async () => {
    metrics.add('commits_total', 3)
    metrics.set('stored_bytes', 77)
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).to.contain('text/plain')
    const text = await response.text()
    expect(text).to.contain('orlop_commits_total 3').and.to.contain('orlop_stored_bytes 77')
  })

  it('answers 200 when the node is well and 503 when it is not', async () => {
    expect((await get('/health')).status).to.equal(200)
    report = { ...HEALTHY, ok: false, ledger: { ok: false, problem: 'no answer' } }
    const response = await get('/health')
    expect(response.status).to.equal(503)
    expect(await response.json()).to.deep.include({ ok: false, nodeId: 4 })
  })

  it('says so when its port is taken', async () => {
    const parts = {
      metrics: () => Promise.reject(new Error()),
      health: () => Promise.resolve(report),
    }
    expect((await failureOf(startAdminServer(parts, server.port))).code).to.equal('CONFIG_INVALID')
  })
})

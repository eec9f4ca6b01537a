import { request } from 'node:http'
import { expect } from 'chai'
import type { ApiProblem } from '@orlop/protocol/api/service'
import { formatObjectId } from '@orlop/protocol/ids'
import { HOSTILE_NAME, ServedLedger } from './served-ledger.fixture.ts'

const NO_OBJECT = formatObjectId(new Uint8Array(32).fill(0x99))
const NO_HASH = `0x${'9'.repeat(64)}`

describe('the API and bad input', () => {
  let served: ServedLedger
  before(async () => {
    served = await ServedLedger.start()
    await served.fill()
  })
  after(() => served.stop())

  async function problem(path: string, init?: RequestInit): Promise<ApiProblem> {
    const response = await served.get(path, init)
    expect(response.headers.get('content-type')).to.include('application/problem+json')
    expect(response.headers.get('x-content-type-options')).to.equal('nosniff')
    return (await response.json()) as ApiProblem
  }

  for (const limit of [
    '0',
    '201',
    '-1',
    '1e2',
    '999999999999999999999',
    '',
    ' 5',
    '5;',
    '0x5',
    'NaN',
  ]) {
    it(`refuses limit=${limit}`, async () => {
      const { status, code, detail } = await problem(
        `/v1/receipts?limit=${encodeURIComponent(limit)}`,
      )
      expect({ status, code }).to.deep.equal({ status: 400, code: 'USAGE' })
      expect(detail).to.include('limit')
    })
  }

  for (const cursor of ['AAAA', 'x'.repeat(257), '../..', "' OR 1=1", '%00']) {
    it(`refuses the cursor ${cursor.slice(0, 12)}`, async () => {
      const { code } = await problem(`/v1/receipts?cursor=${encodeURIComponent(cursor)}`)
      expect(code).to.equal('USAGE')
    })
  }

  it('refuses a cursor of another filter', async () => {
    const first = await served.get('/v1/receipts?limit=1')
    const { nextCursor } = (await first.json()) as { nextCursor: string }
    expect(nextCursor).to.be.a('string')
    expect((await problem(`/v1/receipts?nodeId=1&cursor=${nextCursor}`)).code).to.equal('USAGE')
    expect((await problem(`/v1/ratings?cursor=${nextCursor}`)).code).to.equal('USAGE')
  })

  for (const path of [
    '/v1/nodes/77',
    '/v1/nodes/77/credit',
    '/v1/clients/77',
    `/v1/objects/1/${NO_OBJECT}`,
    `/v1/transactions/${NO_HASH}`,
    '/v1/nothing',
    '/v1',
    '/v2/overview',
  ]) {
    it(`says that there is no ${path.slice(0, 30)}`, async () => {
      const { status, code } = await problem(path)
      expect({ status, code }).to.deep.equal({ status: 404, code: 'NOT_FOUND' })
    })
  }

  for (const path of [
    '/v1/nodes/abc',
    '/v1/nodes/0',
    '/v1/nodes/4294967296',
    '/v1/clients/%00',
    '/v1/clients/%E0%A4%A',
    '/v1/objects/1/orlop:short',
    '/v1/transactions/0x12',
    '/v1/receipts?__proto__=1',
    '/v1/receipts?nodeId=1&nodeId=2',
    '/v1/receipts?nodeId[]=1',
    '/v1/receipts?fromMs=9999999999999999',
    '/v1/search',
    '/v1/search?q=%20%20',
    `/v1/search?q=${'x'.repeat(129)}`,
    '/v1/statistics',
    '/v1/statistics?bucket=year',
    '/v1/statistics?bucket=hour&fromMs=0&toMs=4102444800000',
    '/v1/statistics?bucket=day&fromMs=2&toMs=1',
  ]) {
    it(`refuses ${path.slice(0, 60)}`, async () => {
      const { status, code } = await problem(path)
      expect({ status, code }).to.deep.equal({ status: 400, code: 'USAGE' })
    })
  }

  it('refuses an enormous address', async () => {
    expect((await problem(`/v1/search?q=${'x'.repeat(4000)}`)).status).to.equal(414)
  })

  it('refuses what is meant to change something, and says what is allowed', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await served.get('/v1/receipts', { method })
      expect(response.status).to.equal(405)
      expect(response.headers.get('allow')).to.equal('GET, HEAD, OPTIONS')
      expect(((await response.json()) as ApiProblem).code).to.equal('USAGE')
    }
  })

  it('takes no body, however it is announced', async () => {
    for (const headers of [
      { 'Content-Length': '1000000000' },
      { 'Transfer-Encoding': 'chunked' },
    ]) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const asked = request(`${served.url}v1/overview`, { method: 'GET', headers }, (answer) => {
          resolve(answer.statusCode)
          asked.destroy()
        })
        asked.on('error', reject)
        asked.write('x')
      })
      expect(status).to.equal(413)
    }
  })

  it('gives out hostile names as they are, as JSON that no browser takes for a page', async () => {
    const response = await served.get('/v1/clients')
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).to.equal('nosniff')
    const { items } = (await response.json()) as { items: { name: string }[] }
    expect(items.map(({ name }) => name)).to.include(HOSTILE_NAME)
    const found = await served.get(`/v1/search?q=${encodeURIComponent(HOSTILE_NAME)}`)
    expect(((await found.json()) as { items: object[] }).items).to.have.length(2)
  })

  it('finds the same after everything above: nothing was changed', async () => {
    const { totals } = (await (await served.get('/v1/overview')).json()) as { totals: object }
    expect(totals).to.include({ receipts: 2, clients: 2, nodes: 3, ratings: 2 })
  })
})

describe('the API, limited and looked after', () => {
  let served: ServedLedger
  afterEach(() => served.stop())

  it('answers an address only so often, and says when to come again', async () => {
    served = await ServedLedger.start({ requestsPerMinute: 3 })
    for (let asked = 0; asked < 3; asked++) {
      expect((await served.get('/v1/overview')).status).to.equal(200)
    }
    const response = await served.get('/v1/overview')
    expect(response.status).to.equal(429)
    expect(Number(response.headers.get('retry-after'))).to.be.within(1, 60)
    expect(((await response.json()) as ApiProblem).code).to.equal('PEER_LIMIT')
  })

  it('takes a caller’s word for its address only where a proxy is trusted', async () => {
    served = await ServedLedger.start({ requestsPerMinute: 1 })
    const from = (address: string) =>
      served.get('/v1/overview', { headers: { 'X-Forwarded-For': address } })
    expect((await from('203.0.113.1')).status).to.equal(200)
    expect((await from('203.0.113.2')).status).to.equal(429)
  })

  it('lets pages of allowed origins in, and no others', async () => {
    served = await ServedLedger.start({ allowedOrigins: ['https://fleet.example'] })
    const allowed = async (origin: string) => {
      const response = await served.get('/v1/overview', { headers: { Origin: origin } })
      return response.headers.get('access-control-allow-origin')
    }
    expect(await allowed('https://fleet.example')).to.equal('https://fleet.example')
    expect(await allowed('https://evil.example')).to.equal(null)
    expect(await allowed('null')).to.equal(null)
  })

  it('goes on serving what it has while the ledger is away, and says so', async () => {
    served = await ServedLedger.start()
    await served.fill()
    expect((await served.get('/v1/health')).status).to.equal(200)
    served.at.ledger.setOutage(true)
    await served.at.follower.start()
    const health = await untilHealth(served, 'ledger-unreachable')
    expect(health.status).to.equal(503)
    expect((await served.get('/v1/receipts')).status).to.equal(200)
    await served.at.follower.stop()
  })

  it('counts requests by route, never by what was asked', async () => {
    served = await ServedLedger.start()
    await served.get('/v1/nodes/77')
    await served.get('/v1/search?q=secret-ship')
    const text = await (await served.get('/metrics')).text()
    expect(text).to.include(
      'orlop_gateway_request_seconds_count{route="/v1/nodes/:nodeId",status="404"} 1',
    )
    expect(text).not.to.include('secret-ship')
  })
})

async function untilHealth(served: ServedLedger, wanted: string): Promise<Response> {
  for (;;) {
    const response = await served.get('/v1/health')
    const { status } = (await response.clone().json()) as { status: string }
    if (status === wanted) return response
  }
}

import { expect } from 'chai'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { LedgerForwarder, MAX_LOG_BLOCKS } from './ledger-forwarder.ts'
import { ServedLedger } from './served-ledger.fixture.ts'

const DEPLOYMENT = {
  chainId: 4205,
  registry: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  receipts: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
  credit: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0',
  fromBlock: 0,
}
const RPC_URL = 'http://operator:hunter2@ledger.example/key'
const STRANGER = '0x000000000000000000000000000000000000dEaD'
const HASH = `0x${'ab'.repeat(32)}`

/** A forwarder to an endpoint that answers everything with `answer`, and what it was asked. */
function forwarding(answer: object): { forwarder: LedgerForwarder; asked: unknown[] } {
  const asked: unknown[] = []
  const forwarder = new LedgerForwarder(RPC_URL, DEPLOYMENT, {
    fetch: (_url, init) => {
      asked.push(JSON.parse(init?.body as string))
      return Promise.resolve(Response.json(answer))
    },
  })
  return { forwarder, asked }
}

const request = (method: string, ...params: unknown[]) => ({
  jsonrpc: '2.0',
  id: 7,
  method,
  params,
})
const logs = (changes: object = {}) => ({
  ...{ address: DEPLOYMENT.receipts, topics: [HASH, null], fromBlock: '0x1', toBlock: '0x2' },
  ...changes,
})

describe('the ledger, read through the gateway', () => {
  for (const [method, ...params] of [
    ['eth_chainId'],
    ['eth_getCode', DEPLOYMENT.registry, 'latest'],
    ['eth_getBlockByNumber', '0x10', false],
    ['eth_getBlockByHash', HASH, false],
    ['eth_getTransactionReceipt', HASH],
    ['eth_call', { to: DEPLOYMENT.credit.toLowerCase(), data: '0x1234' }, 'latest'],
    ['eth_getLogs', logs()],
  ] as [string, ...unknown[]][]) {
    it(`answers ${method}`, async () => {
      const { forwarder, asked } = forwarding({ result: '0x1' })
      const answer = await forwarder.answer(request(method, ...params))
      expect(answer).to.deep.equal({ jsonrpc: '2.0', id: 7, result: '0x1' })
      expect(asked).to.deep.include.members([{ jsonrpc: '2.0', id: 1, method, params }])
    })
  }

  for (const [method, ...params] of [
    ['eth_sendRawTransaction', '0x00'],
    ['anvil_setBalance', STRANGER, '0x1'],
    ['debug_traceTransaction', HASH],
    ['__proto__'],
    ['eth_getCode', STRANGER, 'latest'],
    ['eth_getBlockByNumber', 'latest', true],
    ['eth_call', { to: STRANGER, data: '0x' }, 'latest'],
    ['eth_call', { data: '0x600035' }, 'latest'],
    ['eth_call', { to: DEPLOYMENT.credit, data: '0x', gas: '0xffffffffff' }, 'latest'],
    ['eth_call', { to: DEPLOYMENT.credit, data: '0x' }, 'latest', { [STRANGER]: {} }],
    ['eth_getLogs', logs({ address: STRANGER })],
    ['eth_getLogs', { fromBlock: '0x1', toBlock: '0x2' }],
    ['eth_getLogs', logs({ toBlock: 'latest' })],
    ['eth_getLogs', logs({ toBlock: `0x${(MAX_LOG_BLOCKS + 1).toString(16)}` })],
  ] as [string, ...unknown[]][]) {
    it(`does not pass on ${method} ${JSON.stringify(params).slice(0, 60)}`, async () => {
      const { forwarder, asked } = forwarding({ result: '0x1' })
      const answer = await forwarder.answer(request(method, ...params))
      expect(answer).to.have.nested.property('error.code').below(0)
      expect(asked).to.deep.equal([])
    })
  }

  it('refuses what is no request, and several at once', async () => {
    const { forwarder } = forwarding({ result: '0x1' })
    for (const body of [
      undefined,
      null,
      'x',
      [request('eth_chainId')],
      { method: 'eth_chainId' },
    ]) {
      expect((await failureOf(forwarder.answer(body))).code).to.equal('USAGE')
    }
  })

  it('gives on a revert, and nothing of the endpoint’s own words', async () => {
    const error = { code: 3, message: 'at /srv/secret/path', data: '0xdead' }
    const { forwarder } = forwarding({ error })
    const answer = await forwarder.answer(
      request('eth_call', { to: DEPLOYMENT.credit, data: '0x' }, 'latest'),
    )
    expect(answer).to.have.nested.property('error.data', '0xdead')
    expect(JSON.stringify(answer)).not.to.include('secret')
  })

  it('names neither user nor key of the operator’s address when nobody answers', async () => {
    const forwarder = new LedgerForwarder(RPC_URL, DEPLOYMENT, {
      fetch: () => Promise.reject(new Error(`no route to ${RPC_URL}`)),
    })
    const { code, message } = await failureOf(forwarder.answer(request('eth_chainId')))
    expect(code).to.equal('LEDGER_UNREACHABLE')
    expect(message).not.to.match(/operator|hunter2|key/)
  })

  it('is asked by POST with a small body, where the gateway forwards at all', async () => {
    const { forwarder } = forwarding({ result: '0x106d' })
    const served = await ServedLedger.start({}, { forwarder })
    try {
      const post = (body: string, type = 'application/json') =>
        served.get('/v1/rpc', { method: 'POST', body, headers: { 'Content-Type': type } })
      const answered = await post(JSON.stringify(request('eth_chainId')))
      expect(await answered.json()).to.deep.equal({ jsonrpc: '2.0', id: 7, result: '0x106d' })
      expect((await post('{"jsonrpc"')).status).to.equal(400)
      expect((await post(JSON.stringify(request('eth_chainId')), 'text/plain')).status).to.equal(
        400,
      )
      expect((await post(`"${'x'.repeat(20_000)}"`)).status).to.equal(413)
      const { rpcUrl } = (await (await served.get('/v1/deployment')).json()) as { rpcUrl: string }
      expect(rpcUrl).to.equal(`${served.url}v1/rpc`)
    } finally {
      await served.stop()
    }
    const without = await ServedLedger.start()
    const body = JSON.stringify(request('eth_chainId'))
    expect((await without.get('/v1/rpc', { method: 'POST', body })).status).to.equal(405)
    await without.stop()
  })
})

import { expect } from 'chai'
import { addressOf, ask } from './ask.ts'

describe('addressOf', () => {
  it('fills the path and leaves out what is not asked', () => {
    expect(addressOf('object', { params: { clientId: 3, objectId: 'orlop:abc' } })).to.equal(
      '/v1/objects/3/orlop:abc',
    )
    expect(
      addressOf('receipts', {
        query: { clientId: 3, classCode: 0, level: undefined, objectId: '' },
      }),
    ).to.equal('/v1/receipts?clientId=3&classCode=0')
  })

  it('lets nothing out of a path or a query', () => {
    expect(addressOf('transaction', { params: { hash: '../health?x=1#y' } })).to.equal(
      '/v1/transactions/..%2Fhealth%3Fx%3D1%23y',
    )
    expect(addressOf('search', { query: { q: 'a&limit=1' } })).to.equal(
      '/v1/search?q=a%26limit%3D1',
    )
  })

  it('refuses a path with a hole', () => {
    expect(() => addressOf('node', {})).to.throw(TypeError, 'nodeId')
  })
})

describe('ask', () => {
  const answering = (body: object, status: number) => ({
    fetch: () => Promise.resolve(Response.json(body, { status })),
  })

  it('hears how a gateway is whose ledger is away, whatever the status of the answer', async () => {
    const progress = { indexed: null, head: null, isCaughtUp: false }
    const health = { status: 'ledger-unreachable', version: '1', progress, detail: 'It is away.' }
    expect(await ask('health', {}, answering(health, 503))).to.deep.equal(health)
  })

  it('takes a refusal for no answer', async () => {
    const type = 'urn:orlop:error:NOT_FOUND'
    const problem = { type, title: 'Not Found', status: 404, detail: 'None.', code: 'NOT_FOUND' }
    const asking = ask('node', { params: { nodeId: 7 } }, answering(problem, 404))
    const failure = await asking.catch((error: unknown) => error)
    expect(failure).to.include({ kind: 'not-found', code: 'NOT_FOUND' })
  })
})

import { expect } from 'chai'
import { addressOf } from './ask.ts'

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

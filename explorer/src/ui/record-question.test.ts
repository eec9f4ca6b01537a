import { expect } from 'chai'
import { isHalfTyped, questionOf } from './record-question.ts'

const NOTHING = {
  clientId: '',
  nodeId: '',
  classCode: '',
  level: '',
  from: '',
  to: '',
  objectId: '',
}
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst'

describe('questionOf', () => {
  it('asks for what is whole', () => {
    const values = { ...NOTHING, clientId: ' 12 ', objectId: `orlop:${LETTERS}`, classCode: '5' }
    const { query } = questionOf({ ...values, from: '2026-11-22T00:00' })
    expect(query).to.deep.include({ clientId: '12', objectId: `orlop:${LETTERS}`, classCode: '5' })
    expect(query?.['fromMs']).to.equal(Date.UTC(2026, 10, 22))
  })

  it('leaves out what is half typed, which a gateway would refuse', () => {
    for (const [name, text] of [
      ['clientId', '0'],
      ['clientId', '-1'],
      ['nodeId', '1e3'],
      ['objectId', 'orlop:abc'],
      ['objectId', LETTERS.toUpperCase()],
    ] as const) {
      const values = { ...NOTHING, [name]: text }
      expect(isHalfTyped(name, values), text).to.equal(true)
      expect(questionOf(values).query?.[name], text).to.equal(undefined)
    }
  })

  it('takes an object without its prefix, as people write it', () => {
    expect(isHalfTyped('objectId', { ...NOTHING, objectId: LETTERS })).to.equal(false)
  })
})

import { DATA_CLASSES } from '@orlop/protocol/data-classes'
import { RATING_CAUSES } from '@orlop/protocol/messages/keeping'
import { expect } from 'chai'
import { en } from '../i18n/en.ts'
import { causeKey, classKey, levelKey } from './code-names.ts'

describe('names of codes', () => {
  it('has a text for every class of data', () => {
    for (const [name, code] of Object.entries(DATA_CLASSES)) {
      expect(classKey(code), name).to.equal(name.replace('-', '_'))
      expect(en.class, name).to.have.property(classKey(code))
    }
  })

  it('names every cause of a rating by its own code', () => {
    for (const [name, code] of Object.entries(RATING_CAUSES)) {
      expect(causeKey(code)).to.equal(name.replace('-', '_'))
      expect(en.cause, name).to.have.property(causeKey(code))
    }
  })

  it('calls codes of later versions unknown', () => {
    expect([classKey(4711), causeKey(4711), levelKey(9)]).to.deep.equal([
      'unknown',
      'unknown',
      null,
    ])
  })
})

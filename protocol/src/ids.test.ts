import { expect } from 'chai'
import fc from 'fast-check'
import { formatObjectId, parseObjectId } from './ids.ts'

describe('object names', () => {
  it('read back to the same bytes, with or without prefix, in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const text = formatObjectId(bytes)
        expect(text).to.match(/^orlop:[a-z2-7]{52}$/)
        for (const form of [text, text.slice(6), text.slice(6).toUpperCase()]) {
          expect(parseObjectId(form)).to.deep.equal(bytes)
        }
      }),
    )
  })

  it('are refused when they are anything else', () => {
    for (const text of [
      '',
      'orlop:',
      'orlop:abc',
      `orlop:${'a'.repeat(51)}`,
      `orlop:${'1'.repeat(52)}`,
      '🚢',
    ]) {
      expect(() => parseObjectId(text), text)
        .to.throw()
        .with.property('code', 'USAGE')
    }
  })
})

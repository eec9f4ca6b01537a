import { expect } from 'chai'
import { formatRecipient, splitRecipient } from './recipient-text.ts'

describe('number and opening key in one text', () => {
  it('are read as they are written', () => {
    const text = formatRecipient(12, new Uint8Array(32).fill(0xab))
    expect(text).to.equal(`12=${'ab'.repeat(32)}`)
    expect(splitRecipient(` ${text} `)).to.deep.equal({ number: '12', key: 'ab'.repeat(32) })
  })

  it('are not split where there is only a number', () => {
    expect(splitRecipient('12')).to.equal(null)
  })
})

import { expect } from 'chai'
import { sm2PublicKey } from '@orlop/crypto/cards/sm2/public-key'
import { sm2Hint, wrapForSm2 } from '@orlop/crypto/keys/sm2-stanza'
import { namedBytes } from '@orlop/crypto/testing/pattern'
import { jointStanzaOf } from './joint-stanza.ts'

const publicKey = sm2PublicKey(namedBytes('joint key', 32))
const objectOf = (name: string) => ({
  objectId: namedBytes(`${name}: object`, 32),
  headerHash: namedBytes(`${name}: header`, 32),
  ownerId: 7,
})

describe('the stanza of a joint key', () => {
  const theirs = objectOf('theirs')
  const stanza = wrapForSm2({ ...theirs, publicKey, dataKey: namedBytes('data key', 32) })

  it('binds the object that it was made for', () => {
    expect(jointStanzaOf([stanza], publicKey, theirs)).to.equal(stanza)
  })

  it('binds no other that it was copied to, under the hint of that other', () => {
    const mine = objectOf('mine')
    const copied = { ...stanza, hint: sm2Hint(publicKey, mine.objectId) }
    expect(jointStanzaOf([copied], publicKey, mine)).to.equal(null)
  })

  it('binds nothing to another key', () => {
    const another = sm2PublicKey(namedBytes('another key', 32))
    expect(jointStanzaOf([stanza], another, theirs)).to.equal(null)
  })
})

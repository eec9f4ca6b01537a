import { expect } from 'chai'

import { AuthenticationError } from '../errors.ts'
import { sm2PublicKey } from '../cards/sm2/public-key.ts'
import { openSoftwareCard } from '../cards/software/open-software-card.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes } from '../testing/pattern.ts'
import {
  checkSm2DataKey,
  isSm2StanzaMadeFor,
  sm2StanzasFor,
  unwrapWithSm2,
  wrapForSm2,
} from './sm2-stanza.ts'

const dataKey = namedBytes('data key', 32)
const objectId = namedBytes('object', 32)
const object = { objectId, headerHash: namedBytes('header', 32), ownerId: 7 }
const privateKey = namedBytes('sm2 private key', 32)
const publicKey = sm2PublicKey(privateKey)

describe('stanza for an SM2 key', () => {
  const stanza = wrapForSm2({ ...object, dataKey, publicKey })

  it('gives the holder of the private key the data key', () => {
    expect(sm2StanzasFor([stanza], publicKey, objectId)).to.deep.equal([stanza])
    expect(unwrapWithSm2(privateKey, stanza)).to.deep.equal(dataKey)
    expect(stanza.wrapped).to.have.length(65 + 32 + 32)
  })

  it('is opened by a card, which never gives its private key', async () => {
    const card = await openSoftwareCard({ name: 'vault' })
    try {
      const pair = await card.generateKeyPair({ type: 'sm2' })
      if (pair.publicKey.type !== 'sm2') throw new TypeError('expected an SM2 key')
      const { wrapped } = wrapForSm2({
        ...{ ...object, dataKey },
        publicKey: pair.publicKey.point,
      })
      const request = { algorithm: 'sm2-encrypt', key: pair.privateKey, data: wrapped } as const
      expect(checkSm2DataKey(await card.decryptWith(request))).to.deep.equal(dataKey)
    } finally {
      await card.close()
    }
  })

  it('is nothing to another key, and damaged by every flipped byte', () => {
    const another = namedBytes('another sm2 key', 32)
    expect(sm2StanzasFor([stanza], sm2PublicKey(another), objectId)).to.deep.equal([])
    expect(sm2StanzasFor([stanza], publicKey, namedBytes('x', 32))).to.deep.equal([])
    expectError(AuthenticationError, () => unwrapWithSm2(another, stanza))
    for (const [, wrapped] of withEachByteFlipped(stanza.wrapped)) {
      expectError(AuthenticationError, () => unwrapWithSm2(privateKey, { ...stanza, wrapped }))
    }
  })

  it('tells the object that it was made for: no copy, and no byte of it changed, passes for another', () => {
    expect(isSm2StanzaMadeFor(stanza, object)).to.equal(true)
    const other = namedBytes('other', 32)
    expect(isSm2StanzaMadeFor(stanza, { ...object, objectId: other })).to.equal(false)
    expect(isSm2StanzaMadeFor(stanza, { ...object, ownerId: 8 })).to.equal(false)
    expect(isSm2StanzaMadeFor(stanza, { ...object, headerHash: other })).to.equal(false)
    expect(isSm2StanzaMadeFor({ ...stanza, args: [] }, object)).to.equal(false)
    const [proof] = stanza.args as [Uint8Array]
    for (const [, changed] of withEachByteFlipped(proof)) {
      expect(isSm2StanzaMadeFor({ ...stanza, args: [changed] }, object)).to.equal(false)
    }
    for (const [, wrapped] of withEachByteFlipped(stanza.wrapped)) {
      expect(isSm2StanzaMadeFor({ ...stanza, wrapped }, object)).to.equal(false)
    }
  })

  it('holds 32 bytes and nothing else', () => {
    expectError(AuthenticationError, () => checkSm2DataKey(new Uint8Array(31)))
  })

  it('is not made for what is no point of the curve', () => {
    const wrong = Uint8Array.from(publicKey)
    wrong[64]! ^= 1
    expect(() => wrapForSm2({ ...object, dataKey, publicKey: wrong })).to.throw(RangeError)
  })
})

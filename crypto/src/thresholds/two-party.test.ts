import { createHash } from 'node:crypto'
import { expect } from 'chai'

import { encodeUtf8 } from '../bytes.ts'
import { sm2SignerDigest } from '../cards/sm2/curve.ts'
import { sealSm2 } from '../cards/sm2/encryption.ts'
import { openSoftwareCard } from '../cards/software/open-software-card.ts'
import { AuthenticationError } from '../errors.ts'
import { PartyError } from './threshold-errors.ts'
import { answerOpening, askToOpen, openWithAnswer } from './two-party-decryption.ts'
import {
  acceptTwoPartyKey,
  answerTwoPartyKey,
  offerTwoPartyKey,
  type TwoPartyKey,
} from './two-party-key.ts'
import { answerSigning, beginSignature } from './two-party-signing.ts'

function makeKey(): { first: TwoPartyKey; second: TwoPartyKey } {
  const { share, offer } = offerTwoPartyKey()
  const { key: second, answer } = answerTwoPartyKey(offer)
  return { first: acceptTwoPartyKey(share, answer), second }
}

function blamed(work: () => unknown): number | null {
  try {
    work()
  } catch (error) {
    if (error instanceof PartyError) return error.party
    throw error
  }
  return null
}

const flipped = (bytes: Uint8Array, at: number) =>
  Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ 1 : byte))

describe('a two-party key', () => {
  const { first, second } = makeKey()
  const message = encodeUtf8('bill of lading 2203-E')
  const digest = createHash('sm3').update(sm2SignerDigest(first.publicKey)).update(message).digest()

  it('is the same public key for both', () => {
    expect(second.publicKey).to.deep.equal(first.publicKey)
    expect(second.share).to.not.deep.equal(first.share)
  })

  it('signs so that OpenSSL verifies it, as any SM2 signature', async () => {
    const card = await openSoftwareCard()
    const publicKey = { type: 'sm2', point: first.publicKey } as const
    const algorithm = 'sm2-sm3'
    for (let round = 0; round < 5; round++) {
      const open = beginSignature(first, digest)
      const signature = open.finish(answerSigning(second, open.request))
      expect(await card.verify({ algorithm, publicKey, message, signature })).to.equal(true)
      const other = encodeUtf8('bill of lading 2203-W')
      expect(await card.verify({ algorithm, publicKey, message: other, signature })).to.equal(false)
    }
    await card.close()
  })

  it('uses the nonce of a signature once', () => {
    const open = beginSignature(first, digest)
    const answer = answerSigning(second, open.request)
    open.finish(answer)
    expect(() => open.finish(answer)).to.throw(RangeError, 'finished already')
  })

  it('gives no signature from an answer that was changed anywhere, or for another digest', () => {
    for (const name of ['r', 's2', 's3'] as const) {
      const open = beginSignature(first, digest)
      const answer = answerSigning(second, open.request)
      expect(blamed(() => open.finish({ ...answer, [name]: flipped(answer[name], 20) }))).to.equal(
        2,
      )
    }
    const open = beginSignature(first, digest)
    const strange = beginSignature(first, flipped(digest, 0)).request
    expect(blamed(() => open.finish(answerSigning(second, strange)))).to.equal(2)
    const third = beginSignature(first, digest)
    const short = { r: new Uint8Array(3), s2: new Uint8Array(32), s3: new Uint8Array(32) }
    expect(blamed(() => third.finish(short))).to.equal(2)
  })

  it('answers no request whose nonce the asker does not know, or of another digest or key', () => {
    const { request } = beginSignature(first, digest)
    const other = beginSignature(first, digest).request
    const cases = [
      { ...request, nonce: other.nonce },
      { ...request, digest: flipped(digest, 3) },
      { ...request, proof: flipped(request.proof, 63) },
      { ...request, proof: new Uint8Array(5) },
      { ...request, nonce: new Uint8Array(65) },
    ]
    for (const asked of cases) expect(blamed(() => answerSigning(second, asked))).to.equal(1)
    expect(blamed(() => answerSigning(makeKey().second, request))).to.equal(1)
  })

  it('opens what anybody sealed to it', () => {
    const sealed = sealSm2(first.publicKey, message)
    const answer = answerOpening(second, askToOpen(first, sealed))
    expect(openWithAnswer(sealed, answer)).to.deep.equal(message)
  })

  it('opens nothing with a wrong answer, a changed ciphertext, or bytes that are none', () => {
    const sealed = sealSm2(first.publicKey, message)
    const question = askToOpen(first, sealed)
    const wrong = answerOpening(makeKey().second, question)
    expect(() => openWithAnswer(sealed, wrong)).to.throw(AuthenticationError)
    const changed = flipped(sealed, sealed.length - 1)
    const answer = answerOpening(second, askToOpen(first, changed))
    expect(() => openWithAnswer(changed, answer)).to.throw(AuthenticationError)
    expect(() => askToOpen(first, new Uint8Array(80))).to.throw(AuthenticationError)
    expect(blamed(() => openWithAnswer(sealed, sealed.subarray(0, 65)))).to.equal(2)
    expect(blamed(() => openWithAnswer(sealed, new Uint8Array(65)))).to.equal(2)
    expect(blamed(() => answerOpening(second, new Uint8Array(65)))).to.equal(1)
  })
})

describe('the making of a two-party key', () => {
  it('is refused to a first party that does not know its number', () => {
    const { offer } = offerTwoPartyKey()
    const stolen = { point: offerTwoPartyKey().offer.point, proof: offer.proof }
    expect(blamed(() => answerTwoPartyKey(stolen))).to.equal(1)
    expect(blamed(() => answerTwoPartyKey({ ...offer, point: new Uint8Array(65) }))).to.equal(1)
  })

  it('is refused to a second party that does not know its number', () => {
    const { share, offer } = offerTwoPartyKey()
    const { answer } = answerTwoPartyKey(offer)
    const { publicKey } = makeKey().first
    expect(blamed(() => acceptTwoPartyKey(share, { ...answer, publicKey }))).to.equal(2)
    const none = { ...answer, publicKey: new Uint8Array(65) }
    expect(blamed(() => acceptTwoPartyKey(share, none))).to.equal(2)
  })
})

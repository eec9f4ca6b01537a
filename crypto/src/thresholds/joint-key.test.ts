import { expect } from 'chai'
import fc from 'fast-check'

import { encodeUtf8, randomBytes } from '../bytes.ts'
import { openSm2, sealSm2 } from '../cards/sm2/encryption.ts'
import { AuthenticationError } from '../errors.ts'
import { decryptPartially, joinDecryption } from './joint-decryption.ts'
import {
  assembleJointKey,
  type Ceremony,
  contribute,
  type JointKeyShare,
  type MadeContribution,
} from './joint-key.ts'
import { decodeScalar, encodeScalar, Scalars, weightsAtZero } from './scalars.ts'
import { PartyError, ShareError } from './threshold-errors.ts'
import { deal, holdsShare } from './verifiable-shares.ts'

const ceremony: Ceremony = { ceremonyId: randomBytes(16), threshold: 3, parties: 5 }
const parties = [1, 2, 3, 4, 5]

function make(on = ceremony): MadeContribution[] {
  return Array.from({ length: on.parties }, (_, at) => contribute(at + 1, on))
}

function receive(made: readonly MadeContribution[], party: number) {
  return made.map(({ contribution, shares }) => ({ contribution, share: shares[party - 1]! }))
}

function assemble(on = ceremony): JointKeyShare[] {
  const made = make(on)
  return made.map((_, at) => assembleJointKey(at + 1, on, receive(made, at + 1)))
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

describe('a dealt number', () => {
  it('is found again from any shares that are enough, and each share holds against the commitments', () => {
    const secret = 0x1234567890abcdefn
    const { shares, commitments } = deal(secret, { threshold: 3, parties: 5 })
    fc.assert(
      fc.property(fc.shuffledSubarray(parties, { minLength: 3, maxLength: 3 }), (some) => {
        const weights = weightsAtZero(some)
        const sum = some.reduce((total, party, at) => {
          return Scalars.add(total, Scalars.mul(weights[at]!, decodeScalar(shares[party - 1]!)))
        }, 0n)
        expect(sum).to.equal(secret)
      }),
      { numRuns: 20 },
    )
    for (const party of parties) {
      expect(holdsShare(commitments, party, shares[party - 1]!)).to.equal(true)
      expect(holdsShare(commitments, party, flipped(shares[party - 1]!, 31))).to.equal(false)
      expect(holdsShare(commitments, (party % 5) + 1, shares[party - 1]!)).to.equal(false)
    }
    expect(holdsShare([new Uint8Array(65)], 1, shares[0]!)).to.equal(false)
  })
})

describe('a joint key', () => {
  const keys = assemble()
  const text = encodeUtf8('the data key of an object, 32 b.')
  const [{ publicKey }] = keys as [JointKeyShare]

  it('is the same public key for every party, and the sum of the shares is its private key', () => {
    for (const key of keys) {
      expect(key.publicKey).to.deep.equal(publicKey)
      expect(key.sharePoints).to.deep.equal(keys[0]!.sharePoints)
    }
    // What nobody does: here it shows that an unmodified decryptor has nothing to do with parties.
    const weights = weightsAtZero([1, 3, 5])
    const secret = [0, 2, 4].reduce((sum, at, place) => {
      return Scalars.add(sum, Scalars.mul(weights[place]!, decodeScalar(keys[at]!.share)))
    }, 0n)
    expect(openSm2(encodeScalar(secret), sealSm2(publicKey, text))).to.deep.equal(text)
  })

  it('opens what anybody sealed to it, by any parties that are enough', () => {
    const sealed = sealSm2(publicKey, text)
    fc.assert(
      fc.property(fc.shuffledSubarray(keys, { minLength: 3, maxLength: 4 }), (some) => {
        const parts = some.map((key) => decryptPartially(key, sealed))
        expect(joinDecryption(keys[0]!, sealed, parts)).to.deep.equal(text)
      }),
      { numRuns: 6 },
    )
  })

  it('opens nothing by fewer, also when one answers twice', () => {
    const sealed = sealSm2(publicKey, text)
    const parts = [keys[0]!, keys[1]!, keys[1]!].map((key) => decryptPartially(key, sealed))
    expect(() => joinDecryption(keys[0]!, sealed, parts))
      .to.throw(ShareError)
      .and.include({ reason: 'too-few' })
  })

  it('names the party whose part is wrong, was made for another ciphertext, or in another’s name', () => {
    const sealed = sealSm2(publicKey, text)
    const other = sealSm2(publicKey, text)
    const [one, two, three] = keys as [JointKeyShare, JointKeyShare, JointKeyShare]
    const good = [one, two].map((key) => decryptPartially(key, sealed))
    const part = decryptPartially(three, sealed)
    const join = (last: typeof part) => () => joinDecryption(one, sealed, [...good, last])
    expect(blamed(join({ ...part, proof: flipped(part.proof, 40) }))).to.equal(3)
    expect(blamed(join({ ...part, point: good[0]!.point }))).to.equal(3)
    expect(blamed(join({ ...part, point: new Uint8Array(65) }))).to.equal(3)
    expect(blamed(join(decryptPartially(three, other)))).to.equal(3)
    expect(blamed(join({ ...part, party: 4 }))).to.equal(4)
    expect(blamed(join({ ...part, party: 9 }))).to.equal(9)
  })

  it('gives nothing for a ciphertext that was changed, or is none', () => {
    const sealed = sealSm2(publicKey, text)
    const tail = flipped(sealed, sealed.length - 1)
    const parts = keys.slice(0, 3).map((key) => decryptPartially(key, tail))
    expect(() => joinDecryption(keys[0]!, tail, parts)).to.throw(AuthenticationError)
    expect(() => decryptPartially(keys[0]!, flipped(sealed, 10))).to.throw(AuthenticationError)
    expect(() => decryptPartially(keys[0]!, new Uint8Array(3))).to.throw(AuthenticationError)
  })
})

describe('the making of a joint key', () => {
  const made = make()

  it('names the party whose share is not what it committed to', () => {
    const received = receive(made, 2)
    received[3] = { ...received[3]!, share: flipped(received[3]!.share, 5) }
    expect(blamed(() => assembleJointKey(2, ceremony, received))).to.equal(4)
  })

  it('names the party that does not know its number, or speaks of another ceremony', () => {
    const received = receive(made, 2)
    const [first, second] = received.map(({ contribution }) => contribution)
    const stolen = { ...first!, commitments: second!.commitments }
    received[0] = { ...received[0]!, contribution: stolen }
    expect(blamed(() => assembleJointKey(2, ceremony, received))).to.equal(1)
    const later = { ...ceremony, ceremonyId: randomBytes(16) }
    expect(blamed(() => assembleJointKey(2, later, receive(made, 2)))).to.equal(1)
  })

  it('names the party whose polynomial has another degree, or is of no points', () => {
    for (const commitments of [[], made[2]!.contribution.commitments.slice(1)]) {
      const received = receive(made, 1)
      received[2] = { ...received[2]!, contribution: { ...received[2]!.contribution, commitments } }
      expect(blamed(() => assembleJointKey(1, ceremony, received))).to.equal(3)
    }
    const received = receive(made, 1)
    const commitments = Array.from({ length: 3 }, () => new Uint8Array(65))
    received[4] = { ...received[4]!, contribution: { ...received[4]!.contribution, commitments } }
    expect(blamed(() => assembleJointKey(1, ceremony, received))).to.equal(5)
  })

  it('takes every party once', () => {
    const received = receive(made, 1)
    expect(() => assembleJointKey(1, ceremony, received.slice(1))).to.throw(RangeError)
    const doubled = [...received.slice(1), received[1]!]
    expect(() => assembleJointKey(1, ceremony, doubled)).to.throw(RangeError)
  })
})

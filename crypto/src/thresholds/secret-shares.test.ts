import { expect } from 'chai'
import fc from 'fast-check'

import { randomBytes } from '../bytes.ts'
import { MalformedError } from '../errors.ts'
import { joinShares, type SecretShare, splitSecret } from './secret-shares.ts'
import { formatShare, parseShare } from './share-text.ts'
import { ShareError } from './threshold-errors.ts'

async function refusal(work: Promise<unknown>): Promise<ShareError> {
  try {
    await work
  } catch (error) {
    if (error instanceof ShareError) return error
    throw error
  }
  throw new Error('expected a ShareError')
}

const changed = ({ bytes, ...share }: SecretShare, at: number): SecretShare => ({
  ...share,
  bytes: Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ 1 : byte)),
})

describe('secret shares', () => {
  const secret = randomBytes(32)

  it('give the secret back from any of them that are enough, in any order', async () => {
    const { set, shares } = await splitSecret(secret, { threshold: 3, shares: 5 })
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(shares, { minLength: 3 }), async (some) => {
        expect(await joinShares(set, some)).to.deep.equal(secret)
      }),
      { numRuns: 30 },
    )
  })

  it('do not give it from fewer, and say who is there; a share given twice is one', async () => {
    const { set, shares } = await splitSecret(secret, { threshold: 3, shares: 5 })
    const [first, , , fourth] = shares as [SecretShare, SecretShare, SecretShare, SecretShare]
    const { reason, indices } = await refusal(joinShares(set, [fourth, first, first]))
    expect({ reason, indices }).to.deep.equal({ reason: 'too-few', indices: [4, 1] })
  })

  it('are named when any byte of them is changed', async () => {
    const { set, shares } = await splitSecret(secret, { threshold: 2, shares: 3 })
    const [first, second] = shares as [SecretShare, SecretShare]
    for (let at = 0; at < second.bytes.length; at++) {
      const { reason, indices } = await refusal(joinShares(set, [first, changed(second, at)]))
      expect({ reason, indices }).to.deep.equal({ reason: 'damaged', indices: [2] })
    }
    const renamed = { ...second, index: 3 }
    expect((await refusal(joinShares(set, [first, renamed]))).reason).to.equal('damaged')
  })

  it('are named when they belong to another set of the same secret', async () => {
    const { set, shares } = await splitSecret(secret, { threshold: 2, shares: 2 })
    const other = await splitSecret(secret, { threshold: 2, shares: 2 })
    const mixed = [shares[0], other.shares[1]] as [SecretShare, SecretShare]
    const { reason, indices } = await refusal(joinShares(set, mixed))
    expect({ reason, indices }).to.deep.equal({ reason: 'other-set', indices: [2] })
  })

  it('are not made of secrets that could be guessed, nor of one', async () => {
    for (const [length, counts] of [
      [15, { threshold: 2, shares: 3 }],
      [65, { threshold: 2, shares: 3 }],
      [32, { threshold: 1, shares: 3 }],
      [32, { threshold: 4, shares: 3 }],
      [32, { threshold: 2, shares: 256 }],
    ] as const) {
      const made = splitSecret(new Uint8Array(length), counts)
      const error = await made.then(
        () => null,
        (cause: unknown) => cause,
      )
      expect(error, `${length} ${JSON.stringify(counts)}`).to.be.instanceOf(RangeError)
    }
  })
})

describe('a share on paper', () => {
  it('comes back as it was written, in any case, with other spaces and hyphens', async () => {
    for (const length of [16, 32, 64]) {
      const { shares } = await splitSecret(randomBytes(length), { threshold: 2, shares: 2 })
      for (const share of shares) {
        const text = formatShare(share)
        expect(parseShare(text)).to.deep.equal(share)
        expect(parseShare(` ${text.toUpperCase().replaceAll('-', ' \n')} `)).to.deep.equal(share)
      }
    }
  })

  it('is refused after any change of a letter, and never repeated in the message', async () => {
    const { shares } = await splitSecret(randomBytes(32), { threshold: 2, shares: 2 })
    const text = formatShare(shares[0]!)
    for (let at = text.indexOf(':') + 1; at < text.length; at++) {
      if (text[at] === '-') continue
      const wrong = text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1)
      expect(() => parseShare(wrong), `letter ${at}`)
        .to.throw(MalformedError)
        .with.property('message')
        .that.does.not.contain(text.slice(20, 30))
    }
  })

  it('is refused when it is anything else, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseShare(text)).to.throw(MalformedError)
      }),
    )
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex, encodeUtf8 } from '../bytes.ts'
import { AuthenticationError, CryptoError } from '../errors.ts'
import { expectRejection, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes, patternBytes } from '../testing/pattern.ts'
import {
  CARD_ALGORITHMS,
  type CardAlgorithm,
  type CardAlgorithmKind,
  CIPHERS,
  MAC_KEYS,
  SECRET_BYTES,
  type SecretType,
  SIGNATURE_PAIRS,
} from './algorithms.ts'
import type { CardKey, CardPublicKey, CryptoCard } from './card.ts'
import { CardClosedError, CardKeyError, CardUnsupportedError } from './card-errors.ts'
import { KNOWN_ANSWERS } from './self-test/known-answers.ts'
import { openSoftwareCard } from './software/open-software-card.ts'

/** What a card in these tests is expected to be. */
export interface ExpectedCard {
  /** Exactly those that it must tell of after its self-test. */
  readonly algorithms: readonly CardAlgorithm[]
  /** Names of keys that it keeps, where it cannot make any: SM2 pairs, and a key-encryption key. */
  readonly stored?: { readonly sign?: string; readonly decrypt?: string; readonly wrap?: string }
  /** Sessions that the card is opened with. */
  readonly sessions: number
  open(): Promise<CryptoCard>
}

/** Lengths around blocks, slices and nothing at all. */
const LENGTHS = [0, 1, 15, 16, 17, 64, 1000, 4096, 65_537, 1_048_576 + 48]

/** What every card must do, beside software that gives the same bytes. */
export function cardConformance(name: string, expected: ExpectedCard): void {
  describe(`card ${name}`, () => {
    let card: CryptoCard
    let software: CryptoCard

    before(async () => {
      software = await openSoftwareCard({ name: 'software to compare with' })
      card = await expected.open()
    })

    after(async () => {
      await card.close()
      await software.close()
    })

    const has = <Kind extends CardAlgorithmKind>(kind: Kind) =>
      (CARD_ALGORITHMS[kind] as readonly CardAlgorithm<Kind>[]).filter((algorithm) =>
        expected.algorithms.includes(algorithm),
      )

    /** The same key in both. */
    const importBoth = async (type: SecretType) => {
      const bytes = namedBytes(`${name} ${type}`, SECRET_BYTES[type].min)
      return {
        here: await card.importKey({ type, bytes }),
        there: await software.importKey({ type, bytes }),
      }
    }

    /** A private key of the card, made or kept there. */
    const pairOf = async (
      type: 'sm2' | 'p256' | 'rsa',
      use: 'sign' | 'decrypt',
    ): Promise<{ key: CardKey; publicKey: CardPublicKey }> => {
      const kept = type === 'sm2' ? expected.stored?.[use] : undefined
      if (kept === undefined) {
        const { privateKey: key, publicKey } = await card.generateKeyPair({ type })
        return { key, publicKey }
      }
      const stored = await card.storedKey({ use, name: kept })
      expect(stored, `the card keeps ${kept} to ${use}`).to.not.equal(null)
      expect(stored!.type).to.equal(type)
      return { key: stored!.key, publicKey: stored!.publicKey! }
    }

    it('has what it should have, and fails no known answer', () => {
      const { algorithms, refused } = card.info()
      expect(refused).to.deep.equal([])
      expect([...algorithms].sort()).to.deep.equal([...expected.algorithms].sort())
    })

    for (const answer of KNOWN_ANSWERS) {
      if (!expected.algorithms.includes(answer.algorithm)) continue
      it(`${answer.algorithm}: ${answer.vector}`, async () => {
        expect(await answer.isGivenBy(card)).to.equal(true)
      })
    }

    it('passes its self-test again', () => card.selfTest())

    it('refuses an algorithm that it does not have, and names those it has', async () => {
      const missing = CARD_ALGORITHMS.cipher.find((one) => !expected.algorithms.includes(one))
      if (missing === undefined) return
      const { ivBytes } = CIPHERS[missing]
      const key = await card.generateKey({ type: CIPHERS[has('cipher')[0]!].key })
      const request = {
        algorithm: missing,
        key,
        iv: new Uint8Array(ivBytes),
        data: new Uint8Array(16),
      }
      const error = await expectRejection(CardUnsupportedError, () => card.encrypt(request))
      expect(error.message).to.contain(missing).and.contain(expected.algorithms[0])
      await card.destroyKey(key)
    })

    describe('random', () => {
      it('gives as many bytes as asked for, never the same', async () => {
        for (const length of [1, 32, 65_536]) {
          expect(await card.random(length)).to.have.length(length)
        }
        const draws = await Promise.all(Array.from({ length: 20 }, () => card.random(32)))
        expect(new Set(draws.map(encodeHex)).size).to.equal(20)
      })

      it('calls other lengths misuse', async () => {
        for (const length of [0, 65_537])
          await expectRejection(RangeError, () => card.random(length))
      })
    })

    for (const algorithm of has('cipher')) {
      const { key: type, ivBytes, wholeBlocks, tagBytes } = CIPHERS[algorithm]

      describe(algorithm, () => {
        const iv = namedBytes('iv', ivBytes)
        let here: CardKey
        let there: CardKey

        before(async () => {
          ;({ here, there } = await importBoth(type))
        })

        it('gives the bytes of software, both ways, whatever the length', async () => {
          for (const length of LENGTHS.filter((each) => !wholeBlocks || each % 16 === 0)) {
            const data = patternBytes(length)
            const request = {
              algorithm,
              iv,
              additionalData: namedBytes('additional', tagBytes === 0 ? 0 : length % 50),
            }
            const sealed = await card.encrypt({ ...request, key: here, data })
            const same = await software.encrypt({ ...request, key: there, data })
            expect(Buffer.compare(sealed, same), `${String(length)} bytes`).to.equal(0)
            const opened = await card.decrypt({ ...request, key: here, data: sealed })
            expect(Buffer.compare(opened, data), `${String(length)} bytes`).to.equal(0)
          }
        })

        it('leaves its inputs as they were', async () => {
          const data = namedBytes('kept', 64)
          await card.encrypt({ algorithm, key: here, iv, data })
          expect(data).to.deep.equal(namedBytes('kept', 64))
          expect(iv).to.deep.equal(namedBytes('iv', ivBytes))
        })

        it('calls an iv of another length misuse', async () => {
          const request = { algorithm, key: here, iv: new Uint8Array(ivBytes + 1), data: iv }
          const error = await expectRejection(RangeError, () => card.encrypt(request))
          expect(error.message).to.contain('iv: expected')
        })

        it('calls a key of another type misuse', async () => {
          const key = await card.importKey({ type: 'hmac', bytes: namedBytes('wrong', 32) })
          const request = { algorithm, key, iv, data: new Uint8Array(16) }
          const error = await expectRejection(RangeError, () => card.encrypt(request))
          expect(error.message).to.contain(type)
          await card.destroyKey(key)
        })

        if (wholeBlocks) {
          it('calls half a block misuse', async () => {
            const request = { algorithm, key: here, iv, data: new Uint8Array(24) }
            const error = await expectRejection(RangeError, () => card.encrypt(request))
            expect(error.message).to.contain('whole blocks')
          })
        }

        if (tagBytes > 0) {
          it('refuses every flipped byte, and whatever is too short', async () => {
            const additionalData = namedBytes('additional', 7)
            const request = { algorithm, key: here, iv, additionalData }
            const sealed = await card.encrypt({ ...request, data: namedBytes('sealed', 5) })
            for (const [, data] of withEachByteFlipped(sealed)) {
              await expectRejection(AuthenticationError, () => card.decrypt({ ...request, data }))
            }
            for (const [, other] of withEachByteFlipped(additionalData)) {
              const changed = { ...request, additionalData: other, data: sealed }
              await expectRejection(AuthenticationError, () => card.decrypt(changed))
            }
            for (const length of [0, 1, 15, 16]) {
              const data = sealed.subarray(0, length)
              await expectRejection(AuthenticationError, () => card.decrypt({ ...request, data }))
            }
          })
        }
      })
    }

    for (const algorithm of has('mac')) {
      it(`${algorithm}: gives the bytes of software, whatever the length`, async () => {
        const { here, there } = await importBoth(MAC_KEYS[algorithm])
        const isBlockMac = algorithm === 'sm4-cbc-mac'
        for (const length of LENGTHS.filter(
          (each) => !isBlockMac || (each > 0 && each % 16 === 0),
        )) {
          const data = patternBytes(length)
          const mac = await card.mac({ algorithm, key: here, data })
          expect(encodeHex(mac)).to.equal(
            encodeHex(await software.mac({ algorithm, key: there, data })),
          )
        }
        await card.destroyKey(here)
      })
    }

    for (const algorithm of has('hash')) {
      it(`${algorithm}: gives the digest of software, in however many pieces`, async () => {
        const digestBy = async (by: CryptoCard, pieces: readonly Uint8Array[]) => {
          const hash = await by.createHash(algorithm)
          // Not awaited one by one: their order is the card's affair.
          for (const piece of pieces) void hash.update(piece)
          return encodeHex(await hash.digest())
        }
        const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 })
        await fc.assert(
          fc.asyncProperty(pieces, async (some) => {
            expect(await digestBy(card, some)).to.equal(await digestBy(software, [concat(...some)]))
          }),
          { numRuns: 15 },
        )
        const long = [patternBytes(1_048_577), namedBytes('longer', 3)]
        expect(await digestBy(card, long)).to.equal(await digestBy(software, long))
      })

      it(`${algorithm}: gives sessions back when hashes are given up`, async () => {
        for (let round = 0; round < 3; round++) {
          const hashes = await Promise.all(
            Array.from({ length: expected.sessions }, () => card.createHash(algorithm)),
          )
          for (const hash of hashes) await hash.update(encodeUtf8('half'))
          for (const hash of hashes) await hash.dispose()
        }
        const hash = await card.createHash(algorithm)
        await hash.digest()
        await expectRejection(TypeError, () => hash.update(encodeUtf8('late')))
        await hash.dispose()
      })
    }

    it('keeps calls that run at the same time apart', async () => {
      const [cipher] = has('cipher')
      const [hashName] = has('hash')
      const { here, there } = await importBoth(CIPHERS[cipher!].key)
      const work = async (by: CryptoCard, key: CardKey, index: number) => {
        const data = patternBytes(16 * (1 + 37 * index))
        if (index % 3 === 0) {
          const hash = await by.createHash(hashName!)
          await hash.update(data)
          return encodeHex(await hash.digest())
        }
        const iv = namedBytes(`iv ${String(index)}`, CIPHERS[cipher!].ivBytes)
        return encodeHex(await by.encrypt({ algorithm: cipher!, key, iv, data }))
      }
      const indices = Array.from({ length: 100 }, (_, index) => index)
      const results = await Promise.all(indices.map((index) => work(card, here, index)))
      for (const index of indices) {
        expect(results[index], `call ${String(index)}`).to.equal(await work(software, there, index))
      }
      await card.destroyKey(here)
    })

    for (const algorithm of has('signature')) {
      describe(algorithm, () => {
        const message = namedBytes('message', 300)
        let key: CardKey
        let publicKey: CardPublicKey
        let signature: Uint8Array

        before(async () => {
          ;({ key, publicKey } = await pairOf(SIGNATURE_PAIRS[algorithm], 'sign'))
          signature = await card.sign({ algorithm, key, message })
        })

        it('signs what software takes, and takes what software signs', async () => {
          expect(await software.verify({ algorithm, publicKey, message, signature })).to.equal(true)
          expect(await card.verify({ algorithm, publicKey, message, signature })).to.equal(true)
          const other = await software.generateKeyPair({ type: SIGNATURE_PAIRS[algorithm] })
          const request = { algorithm, publicKey: other.publicKey, message }
          const theirs = await software.sign({ algorithm, key: other.privateKey, message })
          expect(await card.verify({ ...request, signature: theirs })).to.equal(true)
          expect(await card.verify({ ...request, signature })).to.equal(false)
        })

        it('says false to another message and to what is no signature', async () => {
          const request = { algorithm, publicKey, message }
          const changed = Uint8Array.from(message).fill(7, 0, 1)
          expect(await card.verify({ ...request, message: changed, signature })).to.equal(false)
          for (const nonsense of [
            new Uint8Array(0),
            new Uint8Array(signature.length),
            new Uint8Array(signature.length).fill(0xff),
            signature.subarray(1),
            concat(signature, Uint8Array.of(0)),
          ]) {
            expect(
              await card.verify({ ...request, signature: nonsense }),
              encodeHex(nonsense),
            ).to.equal(false)
          }
        })

        if (algorithm === 'sm2-sm3') {
          it('binds the signature to the id of the signer', async () => {
            const signerId = encodeUtf8('ALICE123@YAHOO.COM')
            const request = { algorithm, publicKey, message }
            const named = await card.sign({ algorithm, key, message, signerId })
            expect(await software.verify({ ...request, signature: named, signerId })).to.equal(true)
            expect(await card.verify({ ...request, signature: named, signerId })).to.equal(true)
            expect(await card.verify({ ...request, signature: named })).to.equal(false)
          })
        }
      })
    }

    for (const algorithm of has('envelope')) {
      it(`${algorithm}: exchanges with software, up to the longest data`, async () => {
        const { key, publicKey } = await pairOf('sm2', 'decrypt')
        const other = await software.generateKeyPair({ type: 'sm2' })
        for (const length of [1, 16, 32, 33, 136]) {
          const data = namedBytes('envelope', length)
          const here = await software.encryptTo({ algorithm, publicKey, data })
          expect(await card.decryptWith({ algorithm, key, data: here })).to.deep.equal(data)
          const there = await card.encryptTo({ algorithm, publicKey: other.publicKey, data })
          const opened = await software.decryptWith({
            algorithm,
            key: other.privateKey,
            data: there,
          })
          expect(opened).to.deep.equal(data)
        }
      })

      it(`${algorithm}: refuses what was changed, and points off the curve`, async () => {
        const { key, publicKey } = await pairOf('sm2', 'decrypt')
        const sealed = await card.encryptTo({ algorithm, publicKey, data: namedBytes('x', 20) })
        for (const [at, data] of withEachByteFlipped(sealed)) {
          if (at % 5 !== 0) continue
          await expectRejection(AuthenticationError, () =>
            card.decryptWith({ algorithm, key, data }),
          )
        }
        const point = decodeHex(`04${'11'.repeat(64)}`)
        const request = {
          algorithm,
          publicKey: { type: 'sm2', point },
          data: Uint8Array.of(1),
        } as const
        await expectRejection(RangeError, () => card.encryptTo(request))
      })
    }

    for (const algorithm of has('wrap')) {
      describe(algorithm, () => {
        const types = (['sm4', 'aes-256', 'hmac'] as const).filter(
          (type) =>
            (algorithm !== 'sdf-kek' || type === 'sm4') &&
            useOf(type, expected.algorithms) !== null,
        )

        const target = async () => {
          if (algorithm === 'sm2-envelope') {
            const { key, publicKey } = await pairOf('sm2', 'decrypt')
            return { under: { publicKey }, unwrapUnder: key }
          }
          const key =
            algorithm === 'sdf-kek'
              ? (await card.storedKey({ use: 'wrap', name: expected.stored!.wrap! }))!.key
              : await card.importKey({ type: 'aes-256', bytes: namedBytes('kek', 32) })
          return { under: { key }, unwrapUnder: key }
        }

        it('brings back the key that it wrapped', async () => {
          const { under, unwrapUnder } = await target()
          for (const type of types) {
            const { key, wrapped } = await card.generateWrappedKey({ algorithm, type, under })
            const again = await card.unwrapKey({ algorithm, type, wrapped, under: unwrapUnder })
            const use = useOf(type, expected.algorithms)!
            expect(await use(card, key)).to.equal(await use(card, again))
            await card.destroyKey(again)
            await card.destroyKey(key)
          }
        })

        it('refuses a wrapped key that is damaged', async () => {
          const { under, unwrapUnder } = await target()
          const type = types[0]!
          const { wrapped } = await card.generateWrappedKey({ algorithm, type, under })
          const damaged: Uint8Array[] = [
            wrapped.subarray(0, 8),
            wrapped.subarray(1),
            new Uint8Array(0),
          ]
          // A GM/T 0018 card does not authenticate what it wraps; only its form can be wrong.
          if (algorithm !== 'sdf-kek') {
            for (const [, flipped] of withEachByteFlipped(wrapped)) damaged.push(flipped)
          }
          for (const bytes of damaged) {
            const request = { algorithm, type, wrapped: bytes, under: unwrapUnder }
            await expectRejection(CardKeyError, () => card.unwrapKey(request))
          }
        })
      })
    }

    describe('keys', () => {
      const use = async (key: CardKey) => {
        const [algorithm] = has('cipher')
        const iv = new Uint8Array(CIPHERS[algorithm!].ivBytes)
        return card.encrypt({ algorithm: algorithm!, key, iv, data: new Uint8Array(16) })
      }
      const type = () => CIPHERS[has('cipher')[0]!].key

      it('works with keys that it makes, each its own', async () => {
        const [first, second] = [
          await card.generateKey({ type: type() }),
          await card.generateKey({ type: type() }),
        ]
        expect(encodeHex(await use(first))).to.not.equal(encodeHex(await use(second)))
        expect(first).to.deep.equal({ card: card.info().name, type: type() })
        await card.destroyKey(first)
        await card.destroyKey(second)
      })

      it('refuses a destroyed key, and one of another card', async () => {
        const key = await card.generateKey({ type: type() })
        await card.destroyKey(key)
        const error = await expectRejection(CardKeyError, () => use(key))
        expect(error.message).to.contain('destroyed')
        const foreign = await software.generateKey({ type: type() })
        const other = await expectRejection(CardKeyError, () => use(foreign))
        expect(other.message).to.contain('software to compare with')
      })

      it('calls a key of another length misuse', async () => {
        const bytes = new Uint8Array(SECRET_BYTES[type()].max + 1)
        await expectRejection(RangeError, () => card.importKey({ type: type(), bytes }))
      })

      it('answers null for a name that it does not keep', async () => {
        for (const storedUse of ['sign', 'decrypt', 'wrap'] as const) {
          expect(await card.storedKey({ use: storedUse, name: '63' })).to.equal(null)
        }
      })
    })

    it('does nothing under a signal that has fired', async () => {
      const reason = new Error('enough')
      const signal = AbortSignal.abort(reason)
      const error = await expectRejection(Error, () => card.random(1, signal))
      expect(error).to.equal(reason)
    })

    it('closes twice, and serves nobody afterwards', async () => {
      const another = await expected.open()
      const pending = another.random(32)
      const [bytes] = await Promise.all([pending, another.close()])
      expect(bytes).to.have.length(32)
      await another.close()
      await expectRejection(CardClosedError, () => another.random(1))
      const stillOpen = await card.random(1)
      expect(stillOpen, 'a card opened beside it stays open').to.have.length(1)
    })

    it('says which card failed, without secrets', async () => {
      const secret = namedBytes('a secret key', 32)
      const key = await card.importKey({ type: 'hmac', bytes: secret })
      await card.destroyKey(key)
      const error = await expectRejection(CryptoError, () => card.destroyKey(key))
      expect(error.message).to.contain(card.info().name)
      expect(JSON.stringify(error) + error.message).to.not.contain(encodeHex(secret))
    })
  })
}

/** Something that shows whether two handles are of the same key; null when the card cannot use the type. */
function useOf(
  type: SecretType,
  algorithms: readonly CardAlgorithm[],
): ((card: CryptoCard, key: CardKey) => Promise<string>) | null {
  const data = namedBytes('use', 32)
  const cipher = CARD_ALGORITHMS.cipher.find(
    (one) => CIPHERS[one].key === type && algorithms.includes(one),
  )
  if (cipher !== undefined) {
    const iv = new Uint8Array(CIPHERS[cipher].ivBytes)
    return async (card, key) => encodeHex(await card.encrypt({ algorithm: cipher, key, iv, data }))
  }
  const mac = CARD_ALGORITHMS.mac.find((one) => MAC_KEYS[one] === type && algorithms.includes(one))
  if (mac === undefined) return null
  return async (card, key) => encodeHex(await card.mac({ algorithm: mac, key, data }))
}

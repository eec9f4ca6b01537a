import { expect } from 'chai'
import fc from 'fast-check'

import { nodeBackend } from '../../backends/node-backend.ts'
import { AuthenticationError } from '../../errors.ts'
import type { SuiteName } from '../../format/header.ts'
import { SUITES } from '../../suites/suites.ts'
import { expectRejection, withEachByteFlipped } from '../../testing/expect-error.ts'
import { namedBytes, patternBytes } from '../../testing/pattern.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import type { CryptoCard } from '../card.ts'
import { CardUnsupportedError } from '../card-errors.ts'
import { cardPartOf, openCardCipher } from './card-cipher.ts'

/** Around the blocks of the ciphers, and around what drivers cut into several calls. */
const EDGES = [0, 1, 15, 16, 17, 4095, 1024 * 1024 - 1, 1024 * 1024 + 1, 4 * 1024 * 1024 + 1]

/** What a card must do of the suites. @param parts - what it is to do of each; a suite that is left out, nothing */
export function offloadConformance(
  name: string,
  parts: Partial<Readonly<Record<SuiteName, readonly CardAlgorithm[]>>>,
  setup: () => Promise<CryptoCard>,
): void {
  describe(`suites by the card ${name}`, () => {
    let card: CryptoCard

    before(async () => {
      card = await setup()
    })

    after(() => card.close())

    for (const suite of Object.keys(SUITES) as SuiteName[]) {
      const part = parts[suite]
      if (part === undefined) {
        it(`leaves ${suite} to software`, async () => {
          expect(cardPartOf(card.info(), suite)).to.deep.equal([])
          const key = namedBytes('key', SUITES[suite].keyBytes)
          await expectRejection(CardUnsupportedError, () => openCardCipher(card, { suite, key }))
        })
      } else {
        it(`does ${part.join(' and ')} of ${suite}`, () => {
          expect(cardPartOf(card.info(), suite)).to.deep.equal(part)
        })
        suiteConformance(() => card, suite)
      }
    }
  })
}

function suiteConformance(card: () => CryptoCard, suite: SuiteName): void {
  const { keyBytes, nonceBytes } = SUITES[suite]
  const key = namedBytes(`${suite} key`, keyBytes)
  const nonce = namedBytes(`${suite} nonce`, nonceBytes)
  const additionalData = namedBytes('header hash', 32)

  it(`${suite}: gives the bytes of software at every edge, and opens them`, async () => {
    const cipher = await openCardCipher(card(), { suite, key })
    for (const length of EDGES) {
      const message = patternBytes(length)
      const software = { suite, key, nonce, additionalData, plaintext: [message] }
      const expected = nodeBackend.seal(software)
      const sealed = await cipher.seal({ nonce, additionalData, message })
      expect(Buffer.compare(sealed, expected), `${String(length)} bytes`).to.equal(0)
      const opened = await cipher.open({ nonce, additionalData, sealed: expected })
      expect(Buffer.compare(opened, message), `${String(length)} bytes`).to.equal(0)
    }
    await cipher.dispose()
  })

  it(`${suite}: gives the bytes of software for any key, nonce, data and message`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: keyBytes, maxLength: keyBytes }),
        fc.uint8Array({ minLength: nonceBytes, maxLength: nonceBytes }),
        fc.uint8Array({ maxLength: 80 }),
        fc.uint8Array({ maxLength: 300 }),
        async (anyKey, anyNonce, anyData, message) => {
          const cipher = await openCardCipher(card(), { suite, key: anyKey })
          const place = { nonce: anyNonce, additionalData: anyData }
          const software = { suite, key: anyKey, ...place, plaintext: [message] }
          const sealed = await cipher.seal({ ...place, message })
          expect(sealed).to.deep.equal(nodeBackend.seal(software))
          await cipher.dispose()
        },
      ),
      { numRuns: 25 },
    )
  })

  it(`${suite}: opens nothing that was changed or cut`, async () => {
    const cipher = await openCardCipher(card(), { suite, key })
    const sealed = await cipher.seal({ nonce, additionalData, message: patternBytes(20) })
    for (const [, flipped] of withEachByteFlipped(sealed)) {
      const request = { nonce, additionalData, sealed: flipped }
      await expectRejection(AuthenticationError, () => cipher.open(request))
    }
    for (let length = 0; length < sealed.length; length += 5) {
      const request = { nonce, additionalData, sealed: sealed.subarray(0, length) }
      await expectRejection(AuthenticationError, () => cipher.open(request))
    }
    await cipher.dispose()
  })

  it(`${suite}: is of no use once it was disposed of`, async () => {
    const cipher = await openCardCipher(card(), { suite, key })
    await cipher.dispose()
    await cipher.dispose()
    const request = { nonce, additionalData, message: patternBytes(20) }
    await expectRejection(TypeError, () => cipher.seal(request))
  })
}

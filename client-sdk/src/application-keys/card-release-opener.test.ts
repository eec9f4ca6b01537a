import { expect } from 'chai'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardLostError } from '@orlop/crypto/cards/card-errors'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import { isOrlopError } from '@orlop/protocol/errors'
import { CardReleaseOpener } from './card-release-opener.ts'

const WRAPPED = new Uint8Array(129)

describe('a card that opens released keys', () => {
  let opened: CryptoCard[]
  let closed: CryptoCard[]
  /** Calls under way on any card, which end when they are told to. */
  let calls: PromiseWithResolvers<Uint8Array<ArrayBuffer>>[]

  beforeEach(() => {
    opened = []
    closed = []
    calls = []
  })

  async function openCard(): Promise<CryptoCard> {
    const card = await openSoftwareCard({ name: `card ${opened.length + 1}` })
    const pair = await card.generateKeyPair({ type: 'sm2' })
    const { privateKey: key, publicKey } = pair
    card.storedKey = () => Promise.resolve({ key, type: key.type, publicKey })
    card.decryptWith = () => {
      const call = Promise.withResolvers<Uint8Array<ArrayBuffer>>()
      calls.push(call)
      return call.promise
    }
    const close = card.close.bind(card)
    card.close = async () => {
      closed.push(card)
      await close()
    }
    opened.push(card)
    return card
  }

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'opened',
      (error: unknown) => (isOrlopError(error) ? error.code : String(error)),
    )

  /** When so many calls have reached a card. */
  async function reached(count: number): Promise<void> {
    while (calls.length < count) await new Promise(setImmediate)
  }

  it('is opened again after it went away, and what failed late of the first harms no call on the second', async () => {
    const opener = new CardReleaseOpener(openCard, '1')
    const early = codeOf(opener.open(WRAPPED))
    const late = codeOf(opener.open(WRAPPED))
    await reached(2)
    const lost = new CardLostError('card 1', 'it went away')
    calls[0]!.reject(lost)
    expect(await early).to.equal('CARD_UNAVAILABLE')
    const again = opener.open(WRAPPED)
    await reached(3)
    calls[1]!.reject(lost)
    expect(await late).to.equal('CARD_UNAVAILABLE')
    expect(opened).to.have.length(2)
    expect(closed.map((card) => opened.indexOf(card)))
      .to.include(0)
      .and.not.include(1)
    calls[2]!.resolve(new Uint8Array(32).fill(7))
    expect(await again).to.deep.equal(new Uint8Array(32).fill(7))
    await opener.close()
    expect(closed.map((card) => opened.indexOf(card))).to.include(1)
  })

  it('is tried again when it could not be opened, and is not opened after the end', async () => {
    let isThere = false
    const opener = new CardReleaseOpener(
      () => (isThere ? openCard() : Promise.reject(new TypeError('not there'))),
      '1',
    )
    expect(await codeOf(opener.check())).to.include('not there')
    isThere = true
    await opener.check()
    await opener.close()
    expect(await codeOf(opener.open(WRAPPED))).to.include('closed')
    expect(opened).to.have.length(1)
  })
})

import { expect } from 'chai'

import { decodeHex, encodeHex, encodeUtf8 } from '../../bytes.ts'
import { expectRejection } from '../../testing/expect-error.ts'
import { namedBytes } from '../../testing/pattern.ts'
import { CARD_ALGORITHMS } from '../algorithms.ts'
import { cardConformance } from '../card.conformance.ts'
import { CardUnsupportedError } from '../card-errors.ts'
import { openSoftwareCard } from './open-software-card.ts'

cardConformance('software', {
  algorithms: Object.values(CARD_ALGORITHMS)
    .flat()
    .filter((algorithm) => algorithm !== 'sdf-kek'),
  sessions: 4,
  open: () => openSoftwareCard(),
})

describe('the software card', () => {
  /** GB/T 32918.5-2017 annexes A and C. */
  const privateKey = decodeHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8')

  it('opens the published ciphertext with a key it was given', async () => {
    const card = await openSoftwareCard({
      keys: [{ use: 'decrypt', name: '1', type: 'sm2', bytes: privateKey }],
    })
    const stored = await card.storedKey({ use: 'decrypt', name: '1' })
    const opened = await card.decryptWith({
      algorithm: 'sm2-encrypt',
      key: stored!.key,
      data: decodeHex(
        '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
          'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0' +
          '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766' +
          '21886ca989ca9c7d58087307ca93092d651efa',
      ),
    })
    expect(opened).to.deep.equal(encodeUtf8('encryption standard'))
    await card.close()
  })

  it('tells the public key of the one it was given', async () => {
    const card = await openSoftwareCard({
      keys: [{ use: 'sign', name: 'ship', type: 'sm2', bytes: privateKey }],
    })
    const stored = await card.storedKey({ use: 'sign', name: 'ship' })
    expect(stored?.publicKey).to.deep.equal({
      type: 'sm2',
      point: decodeHex(
        '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
          'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
      ),
    })
    await card.destroyKey(stored!.key)
    expect(await card.storedKey({ use: 'sign', name: 'ship' }), 'only let go').to.not.equal(null)
    await card.close()
  })

  it('copies the keys it is given, and wraps under one of them', async () => {
    const bytes = namedBytes('kek', 32)
    const card = await openSoftwareCard({
      keys: [{ use: 'wrap', name: 'kek', type: 'aes-256', bytes }],
    })
    bytes.fill(0)
    const kek = await card.storedKey({ use: 'wrap', name: 'kek' })
    const known = await card.importKey({ type: 'aes-256', bytes: namedBytes('kek', 32) })
    const key = await card.generateKey({ type: 'sm4' })
    const request = { algorithm: 'aes-256-kw', key } as const
    const wrapped = await card.wrapKey({ ...request, under: { key: kek!.key } })
    const same = await card.wrapKey({ ...request, under: { key: known } })
    expect(encodeHex(wrapped)).to.equal(encodeHex(same))
    await card.close()
  })

  it('does not wrap by RFC 3394 what is no multiple of 8 bytes', async () => {
    const card = await openSoftwareCard()
    const under = { key: await card.generateKey({ type: 'aes-256' }) }
    const key = await card.importKey({ type: 'hmac', bytes: namedBytes('odd', 33) })
    await expectRejection(CardUnsupportedError, () =>
      card.wrapKey({ algorithm: 'aes-256-kw', key, under }),
    )
    await card.close()
  })
})

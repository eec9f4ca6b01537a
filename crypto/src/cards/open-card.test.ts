import { expect } from 'chai'

import { encodeUtf8 } from '../bytes.ts'
import { expectRejection } from '../testing/expect-error.ts'
import { namedBytes } from '../testing/pattern.ts'
import type { CipherRequest } from './card.ts'
import {
  CardFailureError,
  CardLostError,
  CardSelfTestError,
  CardUnsupportedError,
} from './card-errors.ts'
import { openCard } from './open-card.ts'
import { SoftwareDriver } from './software/software-driver.ts'
import type { SoftwareKey } from './software/software-key.ts'

const identity = {
  name: 'tested',
  driver: 'software',
  manufacturer: '',
  model: '',
  serial: '',
  version: '',
} as const

/** Software with something wrong. */
class FaultyDriver extends SoftwareDriver {
  closed = 0

  constructor() {
    super(identity, [])
  }

  override close(): Promise<void> {
    this.closed++
    return super.close()
  }
}

class WrongCipherDriver extends FaultyDriver {
  override async encrypt(request: CipherRequest<SoftwareKey>): Promise<Uint8Array<ArrayBuffer>> {
    const result = await super.encrypt(request)
    if (request.algorithm === 'sm4-cbc') result[0] = (result[0] ?? 0) ^ 1
    if (request.algorithm === 'sm4-ecb') {
      throw new CardFailureError('tested', { operation: 'Encrypt', status: 9 }, 'no')
    }
    if (request.algorithm === 'sm4-ctr') throw new CardUnsupportedError('tested', 'no')
    return result
  }
}

describe('opening a card', () => {
  it('refuses what gave a wrong answer, by the name of the vector, and keeps the rest', async () => {
    const card = await openCard(new WrongCipherDriver())
    const { algorithms, refused } = card.info()
    expect(refused.map(({ algorithm, vector }) => [algorithm, vector])).to.deep.equal([
      ['sm4-ecb', 'GB/T 32907-2016 A.1'],
      ['sm4-cbc', 'draft-ribose-cfrg-sm4-10 A.2.2.1'],
    ])
    expect(algorithms).to.not.include.members(['sm4-ecb', 'sm4-cbc', 'sm4-ctr'])
    expect(algorithms).to.include.members(['aes-256-gcm', 'sm3'])
    const key = await card.importKey({ type: 'sm4', bytes: namedBytes('key', 16) })
    const request = { key, iv: new Uint8Array(16), data: new Uint8Array(16) }
    const wrong = await expectRejection(CardSelfTestError, () =>
      card.encrypt({ ...request, algorithm: 'sm4-cbc' }),
    )
    expect(wrong.vector).to.equal('draft-ribose-cfrg-sm4-10 A.2.2.1')
    expect(wrong.message).to.contain('card tested').and.contain('algorithm numbers')
    const failing = await expectRejection(CardSelfTestError, () =>
      card.encrypt({ ...request, iv: new Uint8Array(0), algorithm: 'sm4-ecb' }),
    )
    expect(failing.cause).to.be.instanceOf(CardFailureError)
    await expectRejection(CardUnsupportedError, () =>
      card.encrypt({ ...request, algorithm: 'sm4-ctr' }),
    )
    await card.close()
  })

  it('refuses SM2 envelopes of keys when SM2 encryption is refused', async () => {
    const driver = new (class extends FaultyDriver {
      override async encryptTo(...parameters: Parameters<FaultyDriver['encryptTo']>) {
        const sealed = await super.encryptTo(...parameters)
        return sealed.fill(0, 70, 71)
      }
    })()
    const card = await openCard(driver)
    expect(card.info().refused.map(({ algorithm }) => algorithm)).to.deep.equal(['sm2-encrypt'])
    expect(card.info().algorithms).to.not.include('sm2-envelope')
    await card.close()
  })

  it('closes the driver when the device goes away during the test', async () => {
    const driver = new (class extends FaultyDriver {
      override generateKeyPair(): Promise<never> {
        return Promise.reject(new CardLostError('tested', 'unplugged'))
      }
    })()
    await expectRejection(CardLostError, () => openCard(driver))
    expect(driver.closed).to.equal(1)
  })

  it('closes the driver when the signal fires', async () => {
    const driver = new FaultyDriver()
    await expectRejection(Error, () => openCard(driver, AbortSignal.abort(new Error('enough'))))
    expect(driver.closed).to.equal(1)
  })

  it('notices in a later self-test that an algorithm has begun to fail', async () => {
    let isDecaying = false
    const driver = new (class extends FaultyDriver {
      override async mac(...parameters: Parameters<FaultyDriver['mac']>) {
        const mac = await super.mac(...parameters)
        return isDecaying && parameters[0].algorithm === 'hmac-sm3' ? mac.fill(0) : mac
      }
    })()
    const card = await openCard(driver)
    await card.selfTest()
    isDecaying = true
    const error = await expectRejection(CardSelfTestError, () => card.selfTest())
    expect(error.vector).to.equal('GM/T 0042-2015 D.3, first')
    await card.close()
  })

  it('gives a hash its pieces in order, and fails the digest when a piece failed', async () => {
    const pieces: string[] = []
    const driver = new (class extends FaultyDriver {
      override async createHash(...parameters: Parameters<FaultyDriver['createHash']>) {
        const hash = await super.createHash(...parameters)
        return {
          ...hash,
          update: async (data: Uint8Array) => {
            const text = Buffer.from(data).toString()
            await new Promise((resolve) => setImmediate(resolve))
            pieces.push(text)
            if (text === 'bad') throw new CardLostError('tested', 'unplugged')
            await hash.update(data)
          },
        }
      }
    })()
    const card = await openCard(driver)
    const hash = await card.createHash('sm3')
    pieces.length = 0
    for (const text of ['one', 'two', 'bad', 'four'])
      void hash.update(encodeUtf8(text)).catch(() => 0)
    await expectRejection(CardLostError, () => hash.digest())
    expect(pieces).to.deep.equal(['one', 'two', 'bad'])
    await card.close()
  })
})

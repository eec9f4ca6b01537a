import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { expect } from 'chai'

import { encodeHex, encodeUtf8 } from '../../bytes.ts'
import { expectRejection } from '../../testing/expect-error.ts'
import { namedBytes, patternBytes } from '../../testing/pattern.ts'
import { buildSdfFixture } from '../../testing/sdf-fixture.ts'
import {
  bindingPath,
  makeSoftTokens,
  SOFT_TOKEN_PIN,
  softTokenLibrary,
  type SoftTokens,
} from '../../testing/soft-token.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import { cardConformance } from '../card.conformance.ts'
import type { CryptoCard } from '../card.ts'
import {
  CardAbsentError,
  CardBusyError,
  CardKeyError,
  CardLibraryError,
  CardLostError,
  CardPinError,
  CardUnsupportedError,
} from '../card-errors.ts'
import { openCard } from '../open-card.ts'
import { openSdfCard } from '../sdf/open-sdf-card.ts'
import { openSoftwareCard } from '../software/open-software-card.ts'
import { CKK, CKM } from './constants.ts'
import { useLibrary } from './library.ts'
import { Mechanisms } from './mechanisms.ts'
import { openPkcs11Card, type Pkcs11CardOptions } from './open-pkcs11-card.ts'
import { Pkcs11Driver } from './pkcs11-driver.ts'
import { CKR } from './return-codes.ts'
import { findToken, openOwnerSession } from './token.ts'

const SOFTHSM: readonly CardAlgorithm[] = [
  'aes-256-ecb',
  'aes-256-cbc',
  'aes-256-ctr',
  'aes-256-gcm',
  'hmac-sha256',
  'sha256',
  'sha384',
  'sha512',
  'ecdsa-p256-sha256',
  'rsa-pkcs1-sha256',
  'aes-256-kw',
]

/** 32 bytes. */
const KEK = 'a key under which keys are kept.'

const isInstalled = softTokenLibrary() !== null
const title = isInstalled
  ? 'cards by PKCS #11'
  : 'cards by PKCS #11 (needs: apt-get install softhsm2)'
// On the machine that decides, nothing is skipped: making tokens fails there.
const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let tokens: SoftTokens

  before(async function () {
    this.timeout(180_000)
    tokens = await makeSoftTokens('orlop', 'other')
    process.env['SOFTHSM2_CONF'] = tokens.configuration
  })

  after(() => tokens.remove())

  const open = (options: Partial<Pkcs11CardOptions> = {}) =>
    openPkcs11Card({
      library: tokens.library,
      token: 'orlop',
      pin: SOFT_TOKEN_PIN,
      maxSessions: 4,
      ...options,
    })

  cardConformance('pkcs11 by SoftHSM', { algorithms: SOFTHSM, sessions: 4, open })

  describe('what it is told', () => {
    it('says whose token it is', async () => {
      const card = await open()
      const { name, driver, manufacturer, model, serial, version } = card.info()
      expect([name, driver, manufacturer, model]).to.deep.equal([
        'pkcs11:orlop',
        'pkcs11',
        'SoftHSM project',
        'SoftHSM v2',
      ])
      expect(serial).to.match(/^[0-9a-f]{16}$/)
      expect(version).to.match(/^\d+\.\d+$/)
      await card.close()
    })

    it('speaks to the token with the numbers of the configuration, and believes only answers', async () => {
      // As if a vendor's documentation were wrong: AES of 128 bits takes the place of SM4.
      const vendor = {
        mechanisms: { 'sm4-ecb': CKM.AES_ECB, 'sm4-cbc': CKM.AES_CBC, sm3: CKM.SHA256 },
        sm4KeyType: CKK.AES,
        sm4KeyGeneration: CKM.AES_KEY_GEN,
      }
      const card = await open({ vendor })
      const { algorithms, refused } = card.info()
      expect([...algorithms].sort()).to.deep.equal([...SOFTHSM].sort())
      expect(refused.map(({ algorithm, vector }) => `${algorithm}: ${vector}`)).to.have.members([
        'sm4-ecb: GB/T 32907-2016 A.1',
        'sm4-cbc: draft-ribose-cfrg-sm4-10 A.2.2.1',
        'sm3: GB/T 32905-2016 A.1',
      ])
      const key = await card.generateKey({ type: 'sm4' })
      await card.destroyKey(key)
      await card.close()
    })

    it('has no SM4 keys without the numbers for them', async () => {
      const card = await open()
      const bytes = namedBytes('sm4', 16)
      for (const call of [
        () => card.generateKey({ type: 'sm4' }),
        () => card.importKey({ type: 'sm4', bytes }),
        () => card.generateKeyPair({ type: 'sm2' }),
      ]) {
        const error = await expectRejection(CardUnsupportedError, call)
        expect(error.message).to.contain('numbers')
      }
      await card.close()
    })
  })

  describe('keys that the token keeps', () => {
    before(async () => {
      await tokens.keep('orlop', 'ship', 'p256')
      await tokens.keep('orlop', 'kek', { ascii: KEK })
      await tokens.keep('orlop', 'short', { ascii: KEK.slice(16) })
      await tokens.keep('orlop', 'twin', { ascii: KEK })
      await tokens.keep('orlop', 'twin', { ascii: KEK })
    })

    it('signs with one, and tells its public key', async () => {
      const card = await open()
      const software = await openSoftwareCard()
      const { key, publicKey, type } = (await card.storedKey({ use: 'sign', name: 'ship' }))!
      expect(type).to.equal('p256')
      const request = { algorithm: 'ecdsa-p256-sha256', message: namedBytes('m', 100) } as const
      const signature = await card.sign({ ...request, key })
      const isRight = await software.verify({ ...request, publicKey: publicKey!, signature })
      expect(isRight).to.equal(true)
      await card.destroyKey(key)
      expect(await card.storedKey({ use: 'sign', name: 'ship' }), 'only let go').to.not.equal(null)
      await card.close()
    })

    it('wraps under one, with the bytes of software', async () => {
      const card = await open()
      const kek = (await card.storedKey({ use: 'wrap', name: 'kek' }))!
      const software = await openSoftwareCard()
      const same = await software.importKey({ type: 'aes-256', bytes: encodeUtf8(KEK) })
      const request = { type: 'aes-256', bytes: namedBytes('wrapped', 32) } as const
      const wrapped = await card.wrapKey({
        algorithm: 'aes-256-kw',
        key: await card.importKey(request),
        under: { key: kek.key },
      })
      const expected = await software.wrapKey({
        algorithm: 'aes-256-kw',
        key: await software.importKey(request),
        under: { key: same },
      })
      expect(encodeHex(wrapped)).to.equal(encodeHex(expected))
      await card.close()
    })

    it('says of a key of another kind what it is not, and which name is on two', async () => {
      const card = await open()
      const short = await expectRejection(CardUnsupportedError, () =>
        card.storedKey({ use: 'wrap', name: 'short' }),
      )
      expect(short.message).to.contain('"short"').and.contain('256 bits')
      const twin = await expectRejection(CardKeyError, () =>
        card.storedKey({ use: 'wrap', name: 'twin' }),
      )
      expect(twin.message).to.contain('"twin"')
      await card.close()
    })
  })

  describe('PINs', () => {
    it('says that the PIN is wrong, and asks the token no second time with it', async () => {
      const error = await expectRejection(CardPinError, () =>
        open({ token: 'other', pin: '01189998' }),
      )
      expect(error.reason).to.equal('wrong')
      expect(error.message).to.contain('pkcs11:other').and.not.contain('01189998')
      const again = await expectRejection(CardPinError, () =>
        open({ token: 'other', pin: '01189998' }),
      )
      expect(again.message).to.contain('not asked again')
      const card = await open({ token: 'other' })
      await card.close()
    })

    it('says that a PIN is needed', async () => {
      const error = await expectRejection(CardPinError, () => open({ token: 'other', pin: null }))
      expect(error.reason).to.equal('missing')
    })
  })

  describe('what cannot be opened', () => {
    let folder: string

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'orlop-pkcs11-'))
    })

    after(() => rm(folder, { recursive: true }))

    const reasonOf = async (library: string) => {
      const error = await expectRejection(CardLibraryError, () => open({ library }))
      expect(error.message).to.contain(library)
      return error.reason
    }

    it('a library that is not there', async () => {
      expect(await reasonOf(join(folder, 'none.so'))).to.equal('library-missing')
    })

    it('a library of another machine, and a text', async () => {
      // The header of an ELF library for IBM S/390 (machine 22), which no test machine is.
      const header = Buffer.from('7f454c4602020100000000000000000000030016', 'hex')
      await writeFile(join(folder, 'foreign.so'), header)
      expect(await reasonOf(join(folder, 'foreign.so'))).to.equal('wrong-architecture')
      await writeFile(join(folder, 'text.so'), 'INPUT(libsofthsm2.so)\n')
      expect(await reasonOf(join(folder, 'text.so'))).to.equal('wrong-architecture')
    })

    it('a library that is none of PKCS #11', async () => {
      expect(await reasonOf(bindingPath())).to.equal('symbol-missing')
    })

    it('a token that no slot has, naming those there are', async () => {
      const error = await expectRejection(CardAbsentError, () => open({ token: 'missing' }))
      expect(error.message).to.contain('"missing"').and.contain('"orlop"').and.contain('"other"')
    })

    it('a library by a path that depends on where the program runs', async () => {
      await expectRejection(RangeError, () => open({ library: 'libsofthsm2.so' }))
    })

    it('a number of sessions out of bounds', async () => {
      await expectRejection(RangeError, () => open({ maxSessions: 0 }))
    })
  })

  describe('a token that goes away in the middle', () => {
    /** Functions of the real library that fail as if the token had been pulled out. */
    const removed = new Set<string>()
    let status: number = CKR.DEVICE_REMOVED

    const openRemovable = async (): Promise<CryptoCard> => {
      const library = await useLibrary('removable', tokens.library)
      const cryptoki = new Proxy(library.cryptoki, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target)
          if (typeof value !== 'function') return value
          return (...parameters: unknown[]): unknown => {
            if (!removed.has(String(name))) return value.apply(target, parameters)
            const failure = Object.assign(new Error('failed'), {
              name: 'Pkcs11Error',
              code: status,
            })
            if (String(name).endsWith('Async')) return Promise.reject(failure)
            throw failure
          }
        },
      })
      const token = findToken(cryptoki, 'removable', 'orlop')
      const login = { pin: SOFT_TOKEN_PIN, spendsLastTry: false }
      return openCard(
        new Pkcs11Driver({
          library: { ...library, cryptoki },
          token,
          ownerSession: await openOwnerSession(cryptoki, token, login),
          mechanisms: new Mechanisms({}),
          maxSessions: 2,
          maxQueue: 0,
        }),
      )
    }

    afterEach(() => {
      removed.clear()
      status = CKR.DEVICE_REMOVED
    })

    it('fails every kind of call as lost, and closes all the same', async () => {
      const card = await openRemovable()
      const key = await card.importKey({ type: 'aes-256', bytes: namedBytes('key', 32) })
      const iv = new Uint8Array(16)
      const encrypt = () => card.encrypt({ algorithm: 'aes-256-cbc', key, iv, data: iv })
      const hash = await card.createHash('sha256')
      for (const name of [
        'C_EncryptAsync',
        'C_DigestUpdate',
        'C_DigestFinalAsync',
        'C_GenerateRandom',
        'C_CreateObject',
        'C_OpenSession',
        'C_CloseSession',
        'C_FindObjectsInit',
      ]) {
        removed.add(name)
      }
      for (const call of [
        encrypt,
        () => hash.update(iv),
        () => hash.digest(),
        () => card.random(8),
        () => card.importKey({ type: 'aes-256', bytes: namedBytes('key', 32) }),
        () => card.storedKey({ use: 'sign', name: 'ship' }),
        () => card.selfTest(),
      ]) {
        const error = await expectRejection(CardLostError, call)
        expect(error.message).to.contain('card removable').and.contain('CKR_DEVICE_REMOVED')
      }
      await card.close()
    })

    it('works on with fresh sessions when it was gone for one call only', async () => {
      const card = await openRemovable()
      removed.add('C_GenerateRandom')
      await expectRejection(CardLostError, () => card.random(8))
      removed.clear()
      expect(await card.random(8)).to.have.length(8)
      await card.close()
    })

    it('says lost, too, when the token has forgotten its login', async () => {
      const card = await openRemovable()
      const key = await card.generateKey({ type: 'aes-256' })
      status = CKR.USER_NOT_LOGGED_IN
      removed.add('C_EncryptInit')
      const iv = new Uint8Array(16)
      const error = await expectRejection(CardLostError, () =>
        card.encrypt({ algorithm: 'aes-256-cbc', key, iv, data: iv }),
      )
      expect(error.message).to.contain('CKR_USER_NOT_LOGGED_IN')
      await card.close()
    })

    it('refuses as busy what would wait longer than allowed', async () => {
      const card = await openRemovable()
      const hashes = [await card.createHash('sha256'), await card.createHash('sha256')]
      await expectRejection(CardBusyError, () => card.random(8))
      for (const hash of hashes) await hash.dispose()
      await card.close()
    })
  })

  it('shares the process with a card of GM/T 0018 whose library has the same OpenSSL', async () => {
    // Functions of Node's OpenSSL in place of the libraries' own would end the process here.
    const other = await openSdfCard({ library: await buildSdfFixture(), name: 'beside' })
    const card = await open()
    const hash = await card.createHash('sha256')
    await hash.update(namedBytes('beside', 32))
    const hashBeside = await other.createHash('sha256')
    await hashBeside.update(namedBytes('beside', 32))
    expect(await hash.digest()).to.deep.equal(await hashBeside.digest())
    await other.close()
    await card.close()
  })

  it('keeps the memory of calls under way from the collector', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const card = await open()
    const software = await openSoftwareCard()
    const request = { type: 'aes-256', bytes: namedBytes('key', 32) } as const
    const [key, same] = [await card.importKey(request), await software.importKey(request)]
    const options = { algorithm: 'aes-256-cbc', iv: new Uint8Array(16) } as const
    const data = patternBytes(1024 * 1024)
    const calls = Array.from({ length: 24 }, () => {
      // Nobody else holds this copy while the token reads it.
      const sealed = card.encrypt({ ...options, key, data: Uint8Array.from(data) })
      collect()
      return sealed
    })
    const expected = await software.encrypt({ ...options, key: same, data })
    for (const sealed of await Promise.all(calls)) {
      expect(Buffer.compare(sealed, expected)).to.equal(0)
    }
    await card.close()
  })
})

// The token on this desk.
const library = process.env['ORLOP_PKCS11_LIBRARY']
if (library !== undefined) {
  const listed = process.env['ORLOP_PKCS11_ALGORITHMS']?.split(',') as CardAlgorithm[] | undefined
  cardConformance(`pkcs11 of ${library}`, {
    algorithms: listed ?? SOFTHSM,
    sessions: 2,
    open: () =>
      openPkcs11Card({
        library,
        token: process.env['ORLOP_PKCS11_TOKEN'] ?? '',
        pin: process.env['ORLOP_PKCS11_PIN'] ?? null,
        maxSessions: 2,
      }),
  })
}

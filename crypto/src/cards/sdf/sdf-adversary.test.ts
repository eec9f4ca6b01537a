import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect } from 'chai'

import { encodeHex } from '../../bytes.ts'
import { AuthenticationError } from '../../errors.ts'
import { expectRejection, withEachByteFlipped } from '../../testing/expect-error.ts'
import { namedBytes } from '../../testing/pattern.ts'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
  type SdfFixture,
} from '../../testing/sdf-fixture.ts'
import type { CryptoCard } from '../card.ts'
import {
  CardAbsentError,
  CardBusyError,
  CardError,
  CardFailureError,
  CardKeyError,
  CardLibraryError,
  CardLostError,
  CardPinError,
  CardSelfTestError,
  CardUnsupportedError,
} from '../card-errors.ts'
import { openSoftwareCard } from '../software/open-software-card.ts'
import { loadSdfLibrary } from './library.ts'
import { openSdfCard, type SdfCardOptions } from './open-sdf-card.ts'
import { SDF_PROFILES } from './profile.ts'

const COLLECTOR = fileURLToPath(new URL('../../testing/sdf-collector-main.ts', import.meta.url))
const PINS = { 1: SDF_FIXTURE_PIN }
const IV = namedBytes('iv', 16)
const DATA = namedBytes('data', 64)

const canBuild = canBuildSdfFixture()
const title = canBuild
  ? 'card of GM/T 0018: what goes wrong'
  : `card of GM/T 0018: what goes wrong (needs: ${SDF_FIXTURE_NEEDS})`
const suite = canBuild || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let library: string
  let device: SdfFixture
  const opened: CryptoCard[] = []

  before(async () => {
    library = await buildSdfFixture()
    device = controlSdfFixture(library)
  })

  afterEach(async () => {
    device.release()
    for (const card of opened.splice(0)) await card.close()
    expect(device.count('sharedSessions'), 'calls that met in one session').to.equal(0)
    device.reset()
    expect(device.count('openDevices'), 'devices left open').to.equal(0)
    expect(device.count('openSessions'), 'sessions left open').to.equal(0)
    expect(device.count('liveKeys'), 'keys left behind').to.equal(0)
  })

  const open = async (options: Partial<SdfCardOptions> = {}): Promise<CryptoCard> => {
    const card = await openSdfCard({ library, keyPair: 1, pins: PINS, ...options })
    opened.push(card)
    return card
  }

  const encryptWith = async (card: CryptoCard) => {
    const key = await card.importKey({ type: 'sm4', bytes: namedBytes('key', 16) })
    return () => card.encrypt({ algorithm: 'sm4-cbc', key, iv: IV, data: DATA })
  }

  describe('its library', () => {
    let folder: string

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'orlop-sdf-'))
    })

    after(() => rm(folder, { recursive: true }))

    const expectReason = async (reason: CardLibraryError['reason'], options: SdfCardOptions) => {
      const error = await expectRejection(CardLibraryError, () => openSdfCard(options))
      expect(error.reason).to.equal(reason)
      expect(error.message).to.contain('card sdf:')
      return error.message
    }

    it('is missing: says which, and what to do', async () => {
      const missing = join(folder, 'libsdf.so')
      expect(await expectReason('library-missing', { library: missing }))
        .to.contain(missing)
        .and.contain('install')
    })

    it('is of another machine: says of which', async () => {
      const foreign = join(folder, 'foreign.so')
      const bytes = await readFile(library)
      // e_machine of the ELF header: s390x, which Orlop does not run on.
      bytes.writeUInt16LE(22, 18)
      await writeFile(foreign, bytes)
      expect(await expectReason('wrong-architecture', { library: foreign })).to.contain('s390x')
    })

    it('is no library at all', async () => {
      const text = join(folder, 'text.so')
      await writeFile(text, 'INPUT ( libsdf.so.1 )')
      for (const path of [text, folder]) {
        expect(await expectReason('wrong-architecture', { library: path })).to.contain('no shared')
      }
    })

    it('is cut short', async () => {
      const short = join(folder, 'short.so')
      await writeFile(short, (await readFile(library)).subarray(0, 1000))
      expect(await expectReason('not-starting', { library: short })).to.contain('cut short')
    })

    it('lacks a function that every device has: names it', async () => {
      const poor = await buildSdfFixture('WITHOUT_CIPHER')
      const message = await expectReason('symbol-missing', { library: poor })
      expect(message).to.contain('SDF_Encrypt').and.not.contain('SDF_Decrypt')
    })

    it('cannot be called for want of the npm package: names it', async () => {
      const message = await expectReason('package-missing', {
        library,
        importPackage: () => Promise.reject(new Error('not found')),
      })
      expect(message).to.contain('npm install koffi')
    })

    it('is called more often at once than the npm package allows: that is being busy', async () => {
      const copy = join(folder, 'busy.so')
      await copyFile(library, copy)
      const busy = {
        async: () => {
          throw new Error('Too many asynchronous calls are running')
        },
      }
      const importPackage = () => Promise.resolve({ load: () => ({ func: () => busy }) })
      await expectRejection(CardBusyError, () => openSdfCard({ library: copy, importPackage }))
    })

    it('is given without its folder: that is misuse', async () => {
      await expectRejection(RangeError, () => openSdfCard({ library: 'libsdf.so' }))
    })

    it('meets its own libcrypto, not the OpenSSL that Node carries under the same names', async () => {
      await open()
      expect(device.hasOwnLibcrypto()).to.equal(true)
    })
  })

  describe('its answers', () => {
    it('are of other algorithms than its profile says: only those are refused, by the vector’s name', async () => {
      const standard = SDF_PROFILES['gmt-0018']
      // What old devices mean by these numbers is AES.
      const numbers = { ...standard.numbers, 'sm4-ecb': 0x2001, 'sm4-cbc-mac': 0x2002 }
      const card = await open({ profile: { ...standard, numbers } })
      const { algorithms, refused } = card.info()
      expect(refused.map(({ algorithm, vector }) => `${algorithm}: ${vector}`)).to.include(
        'sm4-ecb: GB/T 32907-2016 A.1',
      )
      expect(algorithms).to.include.members(['sm4-cbc', 'sm3', 'sm2-sm3'])
      expect(algorithms).to.not.include.members(['sm4-ecb', 'sm4-ctr', 'sm4-gcm', 'sm4-cbc-mac'])
      const key = await card.importKey({ type: 'sm4', bytes: namedBytes('key', 16) })
      const error = await expectRejection(CardSelfTestError, () =>
        card.encrypt({ algorithm: 'sm4-ecb', key, iv: new Uint8Array(0), data: DATA }),
      )
      expect(error.message).to.contain('GB/T 32907-2016 A.1')
    })

    it('are in structures of another header: typed, and no memory is overwritten', async () => {
      const foreign = await buildSdfFixture('FIXTURE_SANSEC')
      const mismatches: SdfCardOptions[] = [
        { library: foreign, profile: 'gmt-0018', keyPair: 1 },
        { library, profile: 'sansec', keyPair: 1 },
      ]
      for (const options of mismatches) {
        const error = await expectRejection(CardFailureError, () => openSdfCard(options))
        expect(error.message).to.contain('header file')
      }
      const card = await openSdfCard({ library, profile: 'sansec' })
      opened.push(card)
      expect(card.info().algorithms).to.include('sm3')
      expect(card.info().algorithms).to.not.include.members(['sm2-sm3', 'sm2-encrypt'])
    })

    it('are wrong: each function that lies costs the algorithms that use it, and no others', async () => {
      const lies = [
        ['SDF_Encrypt', 'sm4-ecb', 'sm3'],
        ['SDF_Decrypt', 'sm4-cbc', 'sm3'],
        ['SDF_CalculateMAC', 'sm4-cbc-mac', 'sm4-ecb'],
        ['SDF_HashFinal', 'sm3', 'sm4-ecb'],
        ['SDF_HMACFinal', 'hmac-sm3', 'sm3'],
        ['SDF_ExternalVerify_ECC', 'sm2-sm3', 'sm3'],
        ['SDF_ExternalEncrypt_ECC', 'sm2-encrypt', 'sm3'],
      ] as const
      for (const [name, lost, kept] of lies) {
        device.corrupt(name)
        const card = await openSdfCard({ library })
        const { algorithms, refused } = card.info()
        expect(
          refused.map(({ algorithm }) => algorithm),
          name,
        ).to.include(lost)
        expect(algorithms, name).to.not.include(lost)
        expect(algorithms, name).to.include(kept)
        await card.close()
      }
    })

    it('become wrong later: the next self-test says so', async () => {
      const card = await open()
      await card.selfTest()
      device.corrupt('SDF_HashFinal')
      const error = await expectRejection(CardSelfTestError, () => card.selfTest())
      expect(error.vector).to.contain('GB/T')
    })

    it('are random bytes that are always the same', async () => {
      const card = await open()
      device.corrupt('SDF_GenerateRandom')
      await expectRejection(CardSelfTestError, () => card.random(32))
    })

    it('claim to be longer than they can be: nothing past their memory is read', async () => {
      const card = await open({ kek: 1 })
      const encrypt = await encryptWith(card)
      const key = await card.importKey({ type: 'sm4', bytes: namedBytes('key', 16) })
      const pair = await card.storedKey({ use: 'decrypt', name: '1' })
      const sealed = await card.encryptTo({
        algorithm: 'sm2-encrypt',
        publicKey: pair!.publicKey!,
        data: DATA,
      })
      const claims = [
        ['SDF_Encrypt', CardFailureError, encrypt],
        [
          'SDF_CalculateMAC',
          CardFailureError,
          () => card.mac({ algorithm: 'sm4-cbc-mac', key, data: DATA }),
        ],
        [
          'SDF_HashFinal',
          CardFailureError,
          async () => {
            const hash = await card.createHash('sm3')
            await hash.digest()
          },
        ],
        ['SDF_GenerateKeyWithKEK', CardFailureError, () => card.generateKey({ type: 'sm4' })],
        [
          'SDF_InternalDecrypt_ECC',
          AuthenticationError,
          () => card.decryptWith({ algorithm: 'sm2-encrypt', key: pair!.key, data: sealed }),
        ],
      ] as const
      for (const [name, errorClass, call] of claims) {
        device.overstate(name)
        await expectRejection<CardFailureError | AuthenticationError>(errorClass, call)
      }
    })
  })

  describe('its device', () => {
    it('is not there', async () => {
      device.fail('SDF_OpenDevice', 0, 0x0100_0005)
      const error = await expectRejection(CardAbsentError, () => openSdfCard({ library }))
      expect(error.message).to.contain('SDF_OpenDevice').and.contain('connected')
    })

    it('fails an operation: says which and with what, and serves the next call', async () => {
      const encrypt = await encryptWith(await open())
      const expected = encodeHex(await encrypt())
      device.fail('SDF_Encrypt', 0, 0x0100_000f)
      const error = await expectRejection(CardFailureError, encrypt)
      expect(error.operation).to.equal('SDF_Encrypt')
      expect(error.status).to.equal(0x0100_000f)
      expect(error.message).to.contain('0x0100000f')
      device.release()
      expect(encodeHex(await encrypt())).to.equal(expected)
    })

    it('does not know an error of its own that is not in the standard', async () => {
      const encrypt = await encryptWith(await open())
      device.fail('SDF_Encrypt', 0, 0xffff_ffff)
      const error = await expectRejection(CardFailureError, encrypt)
      expect(error.status).to.equal(0xffff_ffff)
    })

    it('is unplugged while calls are under way and others wait: each of them learns it', async () => {
      const card = await open({ maxSessions: 2 })
      const encrypt = await encryptWith(card)
      device.hold('SDF_Encrypt')
      const calls = Array.from({ length: 5 }, () => encrypt())
      const outcomes = Promise.allSettled(calls)
      await device.awaitHeld(2)
      device.unplug()
      device.release()
      for (const outcome of await outcomes) {
        expect(outcome.status).to.equal('rejected')
        expect((outcome as PromiseRejectedResult).reason).to.be.instanceOf(CardLostError)
      }
      await expectRejection(CardLostError, () => card.random(16))
      await card.close()
    })

    it('is unplugged in the middle of long data', async () => {
      const standard = SDF_PROFILES['gmt-0018']
      const card = await open({ profile: { ...standard, callBytes: 1024 } })
      const key = await card.importKey({ type: 'sm4', bytes: namedBytes('key', 16) })
      device.fail('SDF_Encrypt', 5, 0x0100_0003)
      const data = namedBytes('long', 20 * 1024)
      await expectRejection(CardLostError, () =>
        card.encrypt({ algorithm: 'sm4-cbc', key, iv: IV, data }),
      )
    })

    it('is plugged in again: the card has to be opened again, and works', async () => {
      const before = await open()
      const encrypt = await encryptWith(before)
      const expected = encodeHex(await encrypt())
      device.unplug()
      await expectRejection(CardLostError, encrypt)
      device.reset()
      await expectRejection(CardError, encrypt)
      await before.close()
      const again = await encryptWith(await open())
      expect(encodeHex(await again())).to.equal(expected)
    })

    it('goes away while it is opened: nothing stays open', async () => {
      for (const skip of [0, 1, 2, 5]) {
        device.fail('SDF_HashInit', skip, 0x0100_0003)
        await expectRejection(CardLostError, () => openSdfCard({ library }))
        expect(device.count('openDevices'), String(skip)).to.equal(0)
      }
    })

    it('opens fewer sessions than were allowed: says so', async () => {
      const card = await open({ maxSessions: 3 })
      const encrypt = await encryptWith(card)
      device.limitSessions(2)
      device.hold('SDF_Encrypt')
      const held = [encrypt(), encrypt()]
      await device.awaitHeld(2)
      const error = await expectRejection(CardFailureError, encrypt)
      expect(error.message).to.contain('maxSessions')
      device.release()
      await Promise.all(held)
    })
  })

  describe('its sessions', () => {
    it('serve many calls of all kinds at once, each call one of its own', async () => {
      const card = await open({ maxSessions: 3 })
      const software = await openSoftwareCard()
      const bytes = namedBytes('key', 16)
      const here = await card.importKey({ type: 'sm4', bytes })
      const there = await software.importKey({ type: 'sm4', bytes })
      const signer = await card.storedKey({ use: 'sign', name: '1' })
      const run = async (by: CryptoCard, key: typeof here, index: number) => {
        const data = namedBytes(String(index), 16 * (1 + (index % 40)))
        if (index % 3 === 0) {
          return encodeHex(await by.encrypt({ algorithm: 'sm4-cbc', key, iv: IV, data }))
        }
        const hash = await by.createHash('sm3')
        await hash.update(data)
        return encodeHex(await hash.digest())
      }
      const indices = Array.from({ length: 60 }, (_, index) => index)
      const signing = indices.slice(0, 10).map(async (index) => {
        const message = namedBytes(String(index), 100)
        const request = { algorithm: 'sm2-sm3', message } as const
        const signature = await card.sign({ ...request, key: signer!.key })
        return card.verify({ ...request, publicKey: signer!.publicKey!, signature })
      })
      const results = await Promise.all(indices.map((index) => run(card, here, index)))
      for (const index of indices) {
        expect(results[index]).to.equal(await run(software, there, index))
      }
      expect(await Promise.all(signing)).to.deep.equal(Array<boolean>(10).fill(true))
    })

    it('work at the same time', async () => {
      const encrypt = await encryptWith(await open({ maxSessions: 3 }))
      device.hold('SDF_Encrypt')
      const calls = [encrypt(), encrypt(), encrypt()]
      await device.awaitHeld(3)
      expect(device.count('mostConcurrent')).to.equal(3)
      device.release()
      await Promise.all(calls)
    })

    it('are all taken: calls wait, until too many do or their signal fires', async () => {
      const card = await open({ maxSessions: 1, maxQueue: 1 })
      const encrypt = await encryptWith(card)
      device.hold('SDF_Encrypt')
      const first = encrypt()
      await device.awaitHeld(1)
      const controller = new AbortController()
      const waiting = card.random(16, controller.signal)
      await expectRejection(CardBusyError, () => card.random(16))
      const reason = new Error('no longer wanted')
      controller.abort(reason)
      expect(await expectRejection(Error, () => waiting)).to.equal(reason)
      const next = card.random(16)
      device.release()
      await first
      expect(await next).to.have.length(16)
    })

    it('leave their memory alone while JavaScript collects its own', async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--expose-gc',
        COLLECTOR,
        library,
      ])
      expect(stdout).to.equal('15 calls\n')
    })
  })

  describe('its PIN', () => {
    it('is wrong: it is tried once, however many calls there are, and never again', async () => {
      const pins = { 1: 'a wrong PIN of this test' }
      const card = await open({ keyPair: 2, pins: { ...pins, 2: SDF_FIXTURE_PIN } })
      const signer = await card.storedKey({ use: 'sign', name: '1' })
      const sign = () => card.sign({ algorithm: 'sm2-sm3', key: signer!.key, message: DATA })
      const outcomes = await Promise.allSettled([sign(), sign(), sign()])
      outcomes.push(...(await Promise.allSettled([sign()])))
      for (const outcome of outcomes) {
        const error: unknown = (outcome as PromiseRejectedResult).reason
        expect(error).to.be.instanceOf(CardPinError)
        expect((error as CardPinError).reason).to.equal('wrong')
        expect((error as CardPinError).message).to.not.contain(pins[1])
      }
      expect(device.count('wrongPasswords')).to.equal(1)

      const again = await open({ keyPair: 2, pins: { ...pins, 2: SDF_FIXTURE_PIN } })
      const key = (await again.storedKey({ use: 'sign', name: '1' }))!.key
      await expectRejection(CardPinError, () =>
        again.sign({ algorithm: 'sm2-sm3', key, message: DATA }),
      )
      expect(device.count('wrongPasswords'), 'tried by a card opened again').to.equal(1)
    })

    it('is not given: says so', async () => {
      const card = await openSdfCard({ library })
      opened.push(card)
      const signer = await card.storedKey({ use: 'sign', name: '1' })
      const error = await expectRejection(CardPinError, () =>
        card.sign({ algorithm: 'sm2-sm3', key: signer!.key, message: DATA }),
      )
      expect(error.reason).to.equal('missing')
    })

    it('was wrong too often: the key is locked, and the right PIN does not help', async () => {
      const raw = await loadSdfLibrary({ card: 'raw', path: library, decryptTakesNumber: true })
      const card = await open({ keyPair: 2, pins: { 1: SDF_FIXTURE_PIN, 2: SDF_FIXTURE_PIN } })
      await lockKey(raw)
      const signer = await card.storedKey({ use: 'sign', name: '1' })
      const error = await expectRejection(CardPinError, () =>
        card.sign({ algorithm: 'sm2-sm3', key: signer!.key, message: DATA }),
      )
      expect(error.reason).to.equal('locked')
    })

    async function lockKey(raw: Awaited<ReturnType<typeof loadSdfLibrary>>): Promise<void> {
      const handle = new BigUint64Array(1)
      const memory = new Uint8Array(handle.buffer)
      await raw.call('SDF_OpenDevice', memory)
      const [deviceHandle = 0n] = handle
      await raw.call('SDF_OpenSession', deviceHandle, memory)
      const [session = 0n] = handle
      const wrong = Buffer.from('wrong')
      for (let attempt = 0; attempt < 5; attempt++) {
        await raw.call('SDF_GetPrivateKeyAccessRight', session, 1, wrong, wrong.length)
      }
      await raw.call('SDF_CloseSession', session)
      await raw.call('SDF_CloseDevice', deviceHandle)
    }
  })

  describe('its keys', () => {
    it('are in each session that used them, and in none when they are destroyed', async () => {
      const card = await open({ maxSessions: 3 })
      const key = await card.importKey({ type: 'sm4', bytes: namedBytes('key', 16) })
      const before = device.count('liveKeys')
      device.hold('SDF_Encrypt')
      const encrypt = () => card.encrypt({ algorithm: 'sm4-cbc', key, iv: IV, data: DATA })
      const calls = [encrypt(), encrypt(), encrypt()]
      await device.awaitHeld(3)
      expect(device.count('liveKeys')).to.equal(before + 3)
      const destroyed = card.destroyKey(key)
      device.release()
      for (const result of await Promise.all(calls)) expect(result).to.have.length(DATA.length)
      await destroyed
      expect(device.count('liveKeys')).to.equal(before)
    })

    it('are more than a session takes: the device holds a bounded number, and all work', async () => {
      const card = await open({ maxSessions: 1 })
      const software = await openSoftwareCard()
      const names = Array.from({ length: 40 }, (_, index) => namedBytes(`key ${String(index)}`, 16))
      const keys = await Promise.all(names.map((bytes) => card.importKey({ type: 'sm4', bytes })))
      for (let round = 0; round < 2; round++) {
        for (const [index, key] of keys.entries()) {
          const there = await software.importKey({ type: 'sm4', bytes: names[index]! })
          const request = { algorithm: 'sm4-cbc', iv: IV, data: DATA } as const
          const [here, expected] = [
            await card.encrypt({ ...request, key }),
            await software.encrypt({ ...request, key: there }),
          ]
          expect(encodeHex(here)).to.equal(encodeHex(expected))
        }
      }
      expect(device.count('liveKeys')).to.equal(32)
    })

    it('are damaged while wrapped under a KEK: every flipped byte is found by this device', async () => {
      const card = await open()
      const { key: under } = (await card.storedKey({ use: 'wrap', name: '1' }))!
      const request = { algorithm: 'sdf-kek', type: 'sm4' } as const
      const { wrapped } = await card.generateWrappedKey({ ...request, under: { key: under } })
      for (const [at, damaged] of withEachByteFlipped(wrapped)) {
        const error = await expectRejection(CardKeyError, () =>
          card.unwrapKey({ ...request, wrapped: damaged, under }),
        )
        expect(error.message, String(at)).to.contain('damaged')
      }
      const other = (await card.storedKey({ use: 'wrap', name: '2' }))!.key
      await expectRejection(CardKeyError, () =>
        card.unwrapKey({ ...request, wrapped, under: other }),
      )
    })

    it('are wrapped for somebody else inside the device, where it keeps them under its own pair', async () => {
      const software = await openSoftwareCard()
      const { privateKey, publicKey } = await software.generateKeyPair({ type: 'sm2' })
      const request = { algorithm: 'sm2-envelope' } as const
      const card = await open()
      const key = await card.importKey({ type: 'sm4', bytes: namedBytes('shared', 16) })
      const wrapped = await card.wrapKey({ ...request, key, under: { publicKey } })
      const there = await software.unwrapKey({
        ...request,
        type: 'sm4',
        wrapped,
        under: privateKey,
      })
      const data = { algorithm: 'sm4-cbc', iv: IV, data: DATA } as const
      expect(encodeHex(await card.encrypt({ ...data, key }))).to.equal(
        encodeHex(await software.encrypt({ ...data, key: there })),
      )

      const kek = (await card.storedKey({ use: 'wrap', name: '1' }))!.key
      const refused = await expectRejection(CardUnsupportedError, () =>
        card.wrapKey({ algorithm: 'sdf-kek', key, under: { key: kek } }),
      )
      expect(refused.message).to.contain('generateWrappedKey')
    })

    it('are for one use: a key to decrypt with does not sign, nor the other way round', async () => {
      const card = await open()
      const signer = (await card.storedKey({ use: 'sign', name: '1' }))!
      const opener = (await card.storedKey({ use: 'decrypt', name: '1' }))!
      expect(signer.publicKey).to.not.deep.equal(opener.publicKey)
      await expectRejection(CardKeyError, () =>
        card.sign({ algorithm: 'sm2-sm3', key: opener.key, message: DATA }),
      )
      const data = namedBytes('sealed', 110)
      data[0] = 4
      await expectRejection(CardKeyError, () =>
        card.decryptWith({ algorithm: 'sm2-encrypt', key: signer.key, data }),
      )
    })

    it('cannot come in where the library takes no key in the clear and no pair is named: says what to do', async () => {
      const bare = await buildSdfFixture('WITHOUT_OPTIONAL')
      const card = await openSdfCard({ library: bare })
      const error = await expectRejection(CardUnsupportedError, () =>
        card.importKey({ type: 'sm4', bytes: namedBytes('key', 16) }),
      )
      expect(error.message).to.contain('keyPair')
      await card.close()
    })

    it('are named by an index that the device does not have: opening says so', async () => {
      await expectRejection(CardKeyError, () => openSdfCard({ library, keyPair: 9 }))
      await expectRejection(RangeError, () => openSdfCard({ library, keyPair: 0 }))
    })
  })
})

import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { encodeHex, encodeUtf8, randomBytes } from '@orlop/crypto/bytes'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import { readAudit } from '../audit/audit-log.ts'
import { INNER_ALGORITHMS } from '../keys/records.ts'
import { hasOpenSsl, OpenSsl } from '../testkit/openssl.ts'
import { codeOf, TestRequester, policyFor } from '../testkit/test-centre.ts'
import { SIGNATURE_ALGORITHMS } from './key-pairs.ts'
import { CIPHER_ALGORITHMS } from './message-cipher.ts'
import { HASH_ALGORITHMS, MAC_ALGORITHMS } from './platform.ts'
import { addKey, openPlatformFixture, type PlatformFixture, VOYAGE } from './platform.fixture.ts'

const EMPTY = new Uint8Array(0)
const TEXT = encodeUtf8('noon report: 31° 14′ N')
const newest = (keyId: string) => ({ keyId, version: null })

describe('the platform’s operations', () => {
  let fixture: PlatformFixture

  before(async () => {
    fixture = await openPlatformFixture({ maxOperationsPerMinute: 1_000_000 })
  })
  after(() => fixture.stop())

  describe('encrypt', () => {
    for (const keyId of CIPHER_ALGORITHMS) {
      it(`and decrypt what fits, by ${keyId}, and nothing that was changed`, async () => {
        const { platform } = fixture
        const additionalData = encodeUtf8('leg 4')
        for (const length of [0, 1, 1024 * 1024]) {
          const data = randomBytes(length)
          const message = { data, additionalData }
          const { ciphertext } = await platform.encrypt(VOYAGE, keyId, message)
          const sealed = { data: ciphertext, additionalData }
          expect(await platform.decrypt(VOYAGE, keyId, sealed)).to.deep.equal(data)
        }
        const { ciphertext } = await platform.encrypt(VOYAGE, keyId, { data: TEXT, additionalData })
        await fc.assert(
          fc.asyncProperty(fc.nat(8 * (ciphertext.length - 2) - 1), async (bit) => {
            const data = ciphertext.slice()
            const at = 2 + (bit >> 3)
            data[at] = (data[at] ?? 0) ^ (1 << (bit & 7))
            const changed = platform.decrypt(VOYAGE, keyId, { data, additionalData })
            expect(await codeOf(changed)).to.equal('NOT_AUTHENTIC')
          }),
          { numRuns: 25, seed: 7 },
        )
        const elsewhere = platform.decrypt(VOYAGE, keyId, {
          data: ciphertext,
          additionalData: EMPTY,
        })
        expect(await codeOf(elsewhere)).to.equal('NOT_AUTHENTIC')
      })
    }

    it('gives other bytes each time, and takes no other key, and no bytes that it never gave', async () => {
      const { platform, centre } = fixture
      await addKey(centre, 'second', 'aes-256-gcm')
      const message = { data: TEXT, additionalData: EMPTY }
      const [one, two] = await Promise.all([
        platform.encrypt(VOYAGE, 'aes-256-gcm', message),
        platform.encrypt(VOYAGE, 'aes-256-gcm', message),
      ])
      expect(one.ciphertext).to.not.deep.equal(two.ciphertext)
      const sealed = { data: one.ciphertext, additionalData: EMPTY }
      expect(await codeOf(platform.decrypt(VOYAGE, 'second', sealed))).to.equal('NOT_AUTHENTIC')
      for (const data of [EMPTY, randomBytes(10), Uint8Array.of(2, ...one.ciphertext.slice(1))]) {
        const odd = platform.decrypt(VOYAGE, 'second', { data, additionalData: EMPTY })
        expect(await codeOf(odd)).to.equal('REQUEST_INVALID')
      }
    })

    it('seals by the newest version, and opens what older ones sealed', async () => {
      const { platform, centre } = fixture
      const name = { appId: 'voyage', keyId: 'turning' }
      await addKey(centre, 'turning', 'sm4-gcm')
      const message = { data: TEXT, additionalData: EMPTY }
      const first = await platform.encrypt(VOYAGE, 'turning', message)
      await centre.keys.rotate('anna', name)
      const second = await platform.encrypt(VOYAGE, 'turning', message)
      expect([first.version, second.version]).to.deep.equal([1, 2])
      for (const { ciphertext: data } of [first, second]) {
        const opened = await platform.decrypt(VOYAGE, 'turning', { data, additionalData: EMPTY })
        expect(opened).to.deep.equal(TEXT)
      }
      const future = Uint8Array.of(1, 3, ...first.ciphertext.slice(2))
      const none = platform.decrypt(VOYAGE, 'turning', { data: future, additionalData: EMPTY })
      expect(await codeOf(none)).to.equal('NOT_FOUND')
      await centre.keys.revoke('anna', name)
      const late = platform.decrypt(VOYAGE, 'turning', {
        data: first.ciphertext,
        additionalData: EMPTY,
      })
      expect(await codeOf(late)).to.equal('KEY_STATE')
    })
  })

  it('authenticate by HMAC over the key’s own bytes', async () => {
    const { platform, centre } = fixture
    for (const [keyId, hash] of [
      ['hmac-sha256', 'sha256'],
      ['hmac-sm3', 'sm3'],
    ] as const) {
      const { mac } = await platform.mac(VOYAGE, newest(keyId), TEXT)
      const all = centre.drawn.filter(({ length }) => length === 32)
      const expected = all.map((key) => createHmac(hash, key).update(TEXT).digest('hex'))
      expect(expected).to.include(encodeHex(mac))
      const judged = await platform.verifyMac(VOYAGE, newest(keyId), { data: TEXT, mac })
      expect(judged).to.deep.equal({ version: 1, valid: true })
      const other = { data: TEXT, mac: mac.map((byte) => byte ^ 1) }
      expect((await platform.verifyMac(VOYAGE, newest(keyId), other)).valid).to.equal(false)
      const short = { data: TEXT, mac: mac.slice(1) }
      expect((await platform.verifyMac(VOYAGE, newest(keyId), short)).valid).to.equal(false)
    }
    expect(MAC_ALGORITHMS).to.have.length(2)
  })

  it('hash a message in pieces as others hash it at once', async () => {
    const pieces = [randomBytes(1000), EMPTY, randomBytes(70_000)]
    for (const algorithm of HASH_ALGORITHMS) {
      const digest = await fixture.platform.hash(VOYAGE, algorithm, pieces)
      const hash = createHash(algorithm)
      for (const piece of pieces) hash.update(piece)
      expect(encodeHex(digest)).to.equal(hash.digest('hex'))
    }
  })

  describe('with key pairs', () => {
    const isInstalled = hasOpenSsl()
    const title = isInstalled ? 'as openssl sees them' : 'as openssl sees them (needs: openssl)'
    const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

    for (const keyId of SIGNATURE_ALGORITHMS) {
      it(`sign and verify by ${keyId}, in both encodings, and refuse all else`, async () => {
        const { platform } = fixture
        for (const encoding of ['der', 'raw'] as const) {
          const made = await platform.sign(VOYAGE, newest(keyId), { data: TEXT, encoding })
          const { signature } = made
          const judge = async (data: Uint8Array, bytes: Uint8Array) => {
            const signed = { data, encoding, signature: bytes }
            return (await platform.verify(VOYAGE, newest(keyId), signed)).valid
          }
          expect(await judge(TEXT, signature)).to.equal(true)
          expect(await judge(EMPTY, signature)).to.equal(false)
          for (const bad of [EMPTY, signature.slice(1), randomBytes(64), Uint8Array.of(0x30, 0)]) {
            expect(await judge(TEXT, bad)).to.equal(false)
          }
        }
      })
    }

    it('open what was put into an envelope for them, and nothing else', async () => {
      const { platform } = fixture
      for (const keyId of ['sm2-encrypt', 'rsa-3072-oaep']) {
        const { publicKey } = await platform.publicKey(VOYAGE, newest(keyId))
        const envelope = await platform.sealEnvelope(VOYAGE, publicKey, TEXT)
        const opened = await platform.openEnvelope(VOYAGE, newest(keyId), envelope)
        expect(opened).to.deep.equal(TEXT)
        for (const part of ['wrappedKey', 'nonce', 'ciphertext'] as const) {
          const changed = { ...envelope, [part]: envelope[part].map((byte) => byte ^ 1) }
          const work = platform.openEnvelope(VOYAGE, newest(keyId), changed)
          expect(await codeOf(work), part).to.equal('NOT_AUTHENTIC')
        }
        const other = keyId === 'sm2-encrypt' ? 'rsa-3072-oaep' : 'sm2-encrypt'
        const work = platform.openEnvelope(VOYAGE, newest(other), envelope)
        expect(await codeOf(work)).to.equal('NOT_AUTHENTIC')
      }
      for (const bad of [
        '',
        'PEM',
        (await platform.publicKey(VOYAGE, newest('ed25519'))).publicKey,
      ]) {
        expect(await codeOf(platform.sealEnvelope(VOYAGE, bad, TEXT))).to.equal('REQUEST_INVALID')
      }
    })

    suite(title, () => {
      let openssl: OpenSsl
      before(async () => {
        openssl = await OpenSsl.open()
        await openssl.write('data', TEXT)
      })
      after(() => openssl.remove())

      const COMMANDS = {
        'ecdsa-p256-sha256': ['-digest', 'sha256'],
        ed25519: [],
        'sm2-sm3': ['-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'],
      } as const
      for (const keyId of SIGNATURE_ALGORITHMS) {
        it(`verify by ${keyId}`, async () => {
          const { platform } = fixture
          const signed = await platform.sign(VOYAGE, newest(keyId), { data: TEXT, encoding: 'der' })
          await openssl.write('signature', signed.signature)
          const { publicKey } = await platform.publicKey(VOYAGE, newest(keyId))
          await openssl.write('public.pem', publicKey)
          const said = await openssl.run(
            ...['pkeyutl', '-verify', '-pubin', '-inkey', 'public.pem', '-rawin', '-in', 'data'],
            ...['-sigfile', 'signature', ...COMMANDS[keyId]],
          )
          expect(said).to.contain('Signature Verified Successfully')
        })
      }

      it('open an envelope for an RSA key of theirs', async () => {
        const { platform } = fixture
        await openssl.run('genpkey', '-algorithm', 'RSA', '-out', 'rsa.pem')
        await openssl.run('pkey', '-in', 'rsa.pem', '-pubout', '-out', 'rsa.pub')
        const recipient = (await openssl.read('rsa.pub')).toString()
        const { wrappedKey, nonce, ciphertext } = await platform.sealEnvelope(
          VOYAGE,
          recipient,
          TEXT,
        )
        await openssl.write('wrapped', wrappedKey)
        const oaep = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256']
        await openssl.run(
          ...['pkeyutl', '-decrypt', '-inkey', 'rsa.pem', '-in', 'wrapped', '-out', 'key'],
          ...oaep.flatMap((option) => ['-pkeyopt', option]),
        )
        const open = createDecipheriv('aes-256-gcm', await openssl.read('key'), nonce)
        open.setAuthTag(ciphertext.subarray(-16))
        const data = Buffer.concat([open.update(ciphertext.subarray(0, -16)), open.final()])
        expect(data.equals(TEXT)).to.equal(true)
      })
    })
  })

  describe('are refused', () => {
    it('for keys of other applications, keys for something else, and keys that are not active', async () => {
      const { platform, centre } = fixture
      const message = { data: TEXT, additionalData: EMPTY }
      const stranger = { ...VOYAGE, appId: 'cargo' }
      expect(await codeOf(platform.encrypt(stranger, 'aes-256-gcm', message))).to.equal('NOT_FOUND')
      await centre.applications.create('anna', 'cargo', policyFor([]))
      expect(await codeOf(platform.encrypt(stranger, 'aes-256-gcm', message))).to.equal('NOT_FOUND')
      expect(await codeOf(platform.encrypt(VOYAGE, 'ed25519', message))).to.equal('NOT_ALLOWED')
      expect(await codeOf(platform.mac(VOYAGE, newest('sm4-gcm'), TEXT))).to.equal('NOT_ALLOWED')
      await centre.keys.generate('anna', { appId: 'voyage', keyId: 'asleep', algorithm: 'sm4-gcm' })
      expect(await codeOf(platform.encrypt(VOYAGE, 'asleep', message))).to.equal('KEY_STATE')
      await centre.applications.revoke('anna', 'cargo')
      expect(await codeOf(platform.hash(stranger, 'sm3', [TEXT]))).to.equal('APP_REVOKED')
    })

    it('beyond what the policy allows in a minute', async () => {
      const small = await openPlatformFixture({ maxOperationsPerMinute: 2 }, [])
      try {
        const ask = () => codeOf(small.platform.hash(VOYAGE, 'sha256', [TEXT]))
        expect([await ask(), await ask(), await ask()]).to.deep.equal([
          null,
          null,
          'QUOTA_EXCEEDED',
        ])
        expect(small.told.map(({ outcome }) => outcome)).to.deep.equal([
          'ok',
          'ok',
          'QUOTA_EXCEEDED',
        ])
      } finally {
        await small.stop()
      }
    })

    it('by a sealed centre, which also releases no key that works inside only', async () => {
      const { centre, platform, stop } = await openPlatformFixture(
        {},
        INNER_ALGORITHMS.filter((one) => one !== 'rsa-3072-oaep'),
      )
      try {
        const bridge = new TestRequester('bridge')
        await centre.applications.setPolicy('anna', 'voyage', policyFor([bridge]))
        for (const { keyId } of await centre.keys.list('voyage', { limit: 50 })) {
          const request = centre.sign(bridge, centre.ask(bridge, { keyId }))
          expect(await codeOf(centre.releases.release(request)), keyId).to.equal('NOT_ALLOWED')
        }
        centre.seal.seal()
        expect(await codeOf(platform.mac(VOYAGE, newest('hmac-sm3'), TEXT))).to.equal(
          'CENTRE_SEALED',
        )
      } finally {
        await stop()
      }
    })
  })

  describe('are on record', () => {
    it('once in ten minutes by name, key and certificate before the answer, and by number after it', async () => {
      const { centre, platform, stop } = await openPlatformFixture({}, ['hmac-sm3', 'ed25519'])
      const uses = async () => {
        const entries = (await Array.fromAsync(readAudit(centre.store))).map(decodeAuditEntry)
        return entries
          .filter(({ act }) => act.startsWith('key.use'))
          .map(({ actor, act, details: { keyId, operation, count = null } }) => {
            return [actor, act, keyId, operation, count].join(' ').trim()
          })
      }
      try {
        const key = newest('hmac-sm3')
        await Promise.all([1, 2, 3].map(() => platform.mac(VOYAGE, key, TEXT)))
        const first = 'voyage key.use hmac-sm3 mac'
        expect(await uses()).to.deep.equal([first])
        centre.time.nowMs += 10 * 60 * 1000
        await platform.mac(VOYAGE, key, TEXT)
        const counted = 'voyage key.uses hmac-sm3 mac 3'
        expect(await uses()).to.deep.equal([first, counted, first])
        await platform.sign(VOYAGE, newest('ed25519'), { data: TEXT, encoding: 'der' })
        await platform.mac(VOYAGE, key, TEXT)
        await platform.flushUses('ended')
        expect(await uses()).to.have.length(4)
        await platform.flushUses('all')
        expect((await uses()).at(-1)).to.equal('voyage key.uses hmac-sm3 mac 2')
      } finally {
        await stop()
      }
    })
  })
})

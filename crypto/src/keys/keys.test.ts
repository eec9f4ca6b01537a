import { expect } from 'chai'

import { encodeHex } from '../bytes.ts'
import { KeyMismatchError } from '../errors.ts'
import { decodeHeader, hashHeader } from '../format/header.ts'
import { EVERY_SUITE_AND_PROFILE, makeFixture } from '../testing/fixtures.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes } from '../testing/pattern.ts'
import { publicKey } from '../sign.ts'
import { SUITES } from '../suites/suites.ts'
import { deriveClientKeys } from './client-keys.ts'
import { checkCommitment } from './commitment.ts'
import { deriveManifestKeys, deriveObjectKeys } from './object-keys.ts'

describe('object keys', () => {
  it('have the lengths of the suite, differ from each other, and depend on the salt', () => {
    for (const options of EVERY_SUITE_AND_PROFILE) {
      const { dataKey, header } = makeFixture(options)
      const suite = SUITES[options.suite]
      const keys = deriveObjectKeys(dataKey, header)
      expect(keys.cipherKey.length).to.equal(suite.keyBytes)
      expect(keys.noncePrefix.length).to.equal(suite.nonceBytes - 5)
      expect(keys.chaosKey === null).to.equal(options.chaosProfile === 'none')
      const otherSalt = deriveObjectKeys(dataKey, { ...header, salt: namedBytes('other salt', 32) })
      const manifest = deriveManifestKeys(dataKey, header, namedBytes('manifest salt', 32))
      const all = [keys.cipherKey, keys.chaosKey, manifest.key, otherSalt.cipherKey, dataKey]
      const distinct = new Set(all.filter((key) => key !== null).map(encodeHex))
      expect(distinct.size).to.equal(keys.chaosKey === null ? 4 : 5)
    }
  })

  it('of a manifest are others for another manifest salt', () => {
    const { dataKey, header } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'none' })
    const one = deriveManifestKeys(dataKey, header, namedBytes('one', 32))
    const other = deriveManifestKeys(dataKey, header, namedBytes('other', 32))
    expect(one.key).not.to.deep.equal(other.key)
    expect(one.nonce).not.to.deep.equal(other.nonce)
  })

  it('are overwritten when disposed of', () => {
    const { dataKey, header } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })
    const keys = deriveObjectKeys(dataKey, header)
    const manifest = deriveManifestKeys(dataKey, header, namedBytes('salt', 32))
    const client = deriveClientKeys(dataKey)
    keys.dispose()
    manifest.dispose()
    client.dispose()
    const secrets = [keys.cipherKey, keys.noncePrefix, keys.chaosKey!, manifest.key, manifest.nonce]
    for (const secret of [...secrets, client.ledgerSecretKey, client.openingSecretKey]) {
      expect(secret.every((byte) => byte === 0)).to.equal(true)
    }
  })
})

describe('commitment', () => {
  const { dataKey, header, headerBytes } = makeFixture({
    suite: 'aes-256-gcm',
    chaosProfile: 'wide',
  })

  it('accepts the key it was made with', () => {
    checkCommitment(dataKey, header)
  })

  it('refuses every key that differs in one byte', () => {
    for (const [, other] of withEachByteFlipped(dataKey)) {
      const error = expectError(KeyMismatchError, () => checkCommitment(other, header))
      expect(error.code).to.equal('KEY_MISMATCH')
    }
  })

  it('covers every parameter of the header', () => {
    const others = [
      { ...header, objectId: namedBytes('other', 32) },
      { ...header, suite: 'xchacha20-poly1305' as const },
      { ...header, chaosProfile: 'paper' as const },
      { ...header, level: 1 as const, chaosProfile: 'none' as const },
      { ...header, chunkBytes: 2048 },
      { ...header, k: 2 },
      { ...header, m: 1 },
      { ...header, stripeShareBytes: 4096 },
      { ...header, salt: namedBytes('other', 32) },
      { ...header, commitment: namedBytes('other', 32) },
    ]
    for (const other of others) expectError(KeyMismatchError, () => checkCommitment(dataKey, other))
    expect(hashHeader(headerBytes).length).to.equal(32)
    expect(decodeHeader(headerBytes)).to.deep.equal(header)
  })
})

describe('client keys', () => {
  it('come from the seed alone, differ from each other and from seed to seed', () => {
    const one = deriveClientKeys(namedBytes('seed', 32))
    const again = deriveClientKeys(namedBytes('seed', 32))
    const other = deriveClientKeys(namedBytes('other seed', 32))
    expect(one.ledgerSecretKey).to.deep.equal(again.ledgerSecretKey)
    expect(one.openingSecretKey).to.deep.equal(again.openingSecretKey)
    expect(one.ledgerSecretKey).not.to.deep.equal(one.openingSecretKey)
    expect(one.ledgerSecretKey).not.to.deep.equal(other.ledgerSecretKey)
    expect(publicKey(one.ledgerSecretKey).length).to.equal(33)
    expect(() => deriveClientKeys(new Uint8Array(31))).to.throw(RangeError, 'seed')
  })
})

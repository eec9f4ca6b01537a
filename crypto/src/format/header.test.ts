import { expect } from 'chai'

import { decodeHex, encodeHex } from '../bytes.ts'
import { CryptoError, LimitError, MalformedError, UnsupportedVersionError } from '../errors.ts'
import { EVERY_SUITE_AND_PROFILE, makeFixture } from '../testing/fixtures.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { CborValue } from './cbor.ts'
import { decodeHeader, encodeHeader } from './header.ts'
import type { Header } from './header.ts'

const { header, headerBytes } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })

function withField(index: number, value: CborValue): Uint8Array {
  const fields = [...(decodeCbor(headerBytes, { maxBytes: 256 }) as CborValue[])]
  fields[index] = value
  return encodeCbor(fields)
}

describe('header', () => {
  it('is restored from its bytes for every suite and profile', () => {
    for (const options of EVERY_SUITE_AND_PROFILE) {
      const fixture = makeFixture(options)
      expect(decodeHeader(fixture.headerBytes)).to.deep.equal(fixture.header)
    }
  })

  it('gives other bytes or a typed error for every flipped byte', () => {
    for (const [at, flipped] of withEachByteFlipped(headerBytes)) {
      try {
        expect(encodeHex(encodeHeader(decodeHeader(flipped))), String(at)).to.equal(
          encodeHex(flipped),
        )
      } catch (error) {
        expect(error).to.be.instanceOf(CryptoError)
      }
    }
  })

  it('refuses versions, suites, levels and profiles of later releases', () => {
    const later = [
      withField(0, 2),
      withField(2, 5),
      withField(2, 'aes-256-gcm'),
      withField(3, 4),
      withField(4, 3),
    ]
    for (const bytes of later) {
      const error = expectError(UnsupportedVersionError, () => decodeHeader(bytes))
      expect(error.message).to.contain('newer release')
    }
  })

  it('refuses fields out of bounds', () => {
    const wrong = [
      withField(5, 1023),
      withField(5, 4 * 1024 * 1024 + 1),
      withField(6, 0),
      withField(6, 65),
      withField(7, 64),
      withField(8, 4095),
      withField(1, new Uint8Array(31)),
      withField(9, new Uint8Array(33)),
      withField(10, new Uint8Array(0)),
      new Uint8Array(257),
    ]
    for (const bytes of wrong) expectError(LimitError, () => decodeHeader(bytes))
  })

  it('refuses what is no header', () => {
    const wrong = [
      encodeCbor([]),
      encodeCbor({ version: 1 }),
      encodeCbor([1, 2, 3]),
      encodeCbor([...fieldsOf(), null]),
      withField(5, 'large'),
      withField(1, 7),
      withField(4, 0),
      decodeHex('ff'),
    ]
    for (const bytes of wrong) expectError(MalformedError, () => decodeHeader(bytes))
  })

  it('is not encoded when it could not be read back', () => {
    const wrong: Partial<Header>[] = [{ k: 0 }, { m: -1 }, { chunkBytes: 10 }]
    for (const part of wrong) {
      expect(() => encodeHeader({ ...header, ...part })).to.throw(RangeError)
    }
    expectError(MalformedError, () => encodeHeader({ ...header, level: 1 }))
    expectError(LimitError, () => encodeHeader({ ...header, k: 33, m: 33 }))
  })
})

function fieldsOf(): CborValue[] {
  return [...(decodeCbor(headerBytes, { maxBytes: 256 }) as CborValue[])]
}

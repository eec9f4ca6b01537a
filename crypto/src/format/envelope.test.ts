import { expect } from 'chai'

import { encodeHex } from '../bytes.ts'
import { CryptoError, LimitError, MalformedError } from '../errors.ts'
import { sha256 } from '../hash.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { makeFixture } from '../testing/fixtures.ts'
import { namedBytes } from '../testing/pattern.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { CborValue } from './cbor.ts'
import { decodeEnvelope, encodeEnvelope, hashEnvelope } from './envelope.ts'
import type { Envelope, Stanza } from './envelope.ts'

const stanza: Stanza = {
  type: 1,
  hint: namedBytes('hint', 4),
  args: [namedBytes('ephemeral', 32), 17],
  wrapped: namedBytes('wrapped', 48),
}
const envelope: Envelope = {
  headerBytes: makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' }).headerBytes,
  version: 3,
  previousHash: namedBytes('previous', 32),
  stanzas: [stanza, { ...stanza, type: 999, args: [] }],
  manifestSalt: namedBytes('manifest salt', 32),
  sealedManifest: namedBytes('sealed manifest', 100),
  signature: namedBytes('signature', 64),
}
const bytes = encodeEnvelope(envelope)

function withField(index: number, value: CborValue): Uint8Array {
  const fields = [...(decodeCbor(bytes, { maxBytes: 4096 }) as CborValue[])]
  fields[index] = value
  return encodeCbor(fields)
}

describe('envelope', () => {
  it('is restored from its bytes, stanzas of unknown type included', () => {
    expect(decodeEnvelope(bytes)).to.deep.equal(envelope)
  })

  it('is hashed without its signature', () => {
    const fields = decodeCbor(bytes, { maxBytes: 4096 }) as CborValue[]
    const expected = sha256(encodeCbor(fields.slice(0, 6)))
    expect(hashEnvelope(envelope)).to.deep.equal(expected)
    const signedElsewhere = { ...envelope, signature: new Uint8Array(64) }
    expect(hashEnvelope(signedElsewhere)).to.deep.equal(expected)
  })

  it('has another hash or a typed error for every flipped byte before its signature', () => {
    const hash = encodeHex(hashEnvelope(envelope))
    const signatureStart = bytes.length - 64
    for (const [at, flipped] of withEachByteFlipped(bytes)) {
      try {
        const other = encodeHex(hashEnvelope(decodeEnvelope(flipped)))
        expect(other === hash, `byte ${String(at)}`).to.equal(at >= signatureStart)
      } catch (error) {
        expect(error).to.be.instanceOf(CryptoError)
      }
    }
  })

  it('refuses fields out of bounds', () => {
    const manyStanzas = Array.from({ length: 65 }, () => [1, new Uint8Array(4), [], stanza.wrapped])
    const wrong = [
      withField(1, 0),
      withField(2, new Uint8Array(31)),
      withField(3, manyStanzas),
      withField(3, [[1, new Uint8Array(5), [], stanza.wrapped]]),
      withField(3, [[1, new Uint8Array(4), [], new Uint8Array(0)]]),
      withField(3, [[70_000, new Uint8Array(4), [], stanza.wrapped]]),
      withField(4, new Uint8Array(0)),
      withField(5, new Uint8Array(0)),
      withField(6, new Uint8Array(65)),
    ]
    for (const each of wrong) expectError(LimitError, () => decodeEnvelope(each))
  })

  it('refuses what is no envelope', () => {
    const wrong = [
      encodeCbor([]),
      encodeCbor('envelope'),
      withField(0, new Uint8Array(20)),
      withField(1, 'one'),
      withField(3, {}),
      withField(3, [[1, 2, 3]]),
      withField(3, [[1, new Uint8Array(4), ['text'], stanza.wrapped]]),
      withField(3, [[1, new Uint8Array(4), [-1], stanza.wrapped]]),
    ]
    for (const each of wrong) expectError(MalformedError, () => decodeEnvelope(each))
  })

  it('is not encoded when it could not be read back', () => {
    expect(() => encodeEnvelope({ ...envelope, version: 0 })).to.throw(RangeError)
    expect(() => encodeEnvelope({ ...envelope, signature: new Uint8Array(65) })).to.throw(
      RangeError,
    )
    const stanzas = Array.from({ length: 65 }, () => stanza)
    expect(() => encodeEnvelope({ ...envelope, stanzas })).to.throw(RangeError, 'stanzas')
    const many = { ...stanza, args: Array.from({ length: 9 }, () => 1) }
    expect(() => encodeEnvelope({ ...envelope, stanzas: [many] })).to.throw(RangeError)
  })
})

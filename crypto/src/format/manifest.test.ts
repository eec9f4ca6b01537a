import { expect } from 'chai'

import { LimitError, MalformedError, UnsupportedVersionError } from '../errors.ts'
import { expectError } from '../testing/expect-error.ts'
import { vectorManifest } from '../testing/golden-vectors.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { CborValue } from './cbor.ts'
import { decodeManifest, encodeManifest } from './manifest.ts'

const manifest = vectorManifest()
const bytes = encodeManifest(manifest)

function withField(index: number, value: CborValue): Uint8Array {
  const fields = [...(decodeCbor(bytes, { maxBytes: 4096 }) as CborValue[])]
  fields[index] = value
  return encodeCbor(fields)
}

describe('manifest', () => {
  it('is restored from its bytes, names in any script included', () => {
    expect(decodeManifest(bytes)).to.deep.equal(manifest)
  })

  it('refuses a later version', () => {
    expectError(UnsupportedVersionError, () => decodeManifest(withField(0, 2)))
  })

  it('refuses fields out of bounds', () => {
    const manyLabels = Object.fromEntries(
      Array.from({ length: 65 }, (_, index) => [`label ${String(index)}`, '']),
    )
    const wrong = [
      withField(1, 'n'.repeat(4097)),
      withField(2, -1),
      withField(3, new Uint8Array(31)),
      withField(5, 65_536),
      withField(6, 4),
      withField(7, 4),
      withField(9, manyLabels),
      withField(9, { ['k'.repeat(129)]: '' }),
      withField(9, { key: 'v'.repeat(1025) }),
      withField(11, 512),
    ]
    for (const each of wrong) expectError(LimitError, () => decodeManifest(each))
  })

  it('refuses what is no manifest, and tables that do not add up', () => {
    const wrong = [
      encodeCbor([]),
      encodeCbor([1]),
      encodeCbor(null),
      withField(1, 7),
      withField(9, []),
      withField(9, { key: 1 }),
      withField(9, new Uint8Array(3)),
      withField(12, [611]),
      withField(12, [611, 0]),
      withField(12, [611, 2 ** 32]),
      withField(12, 'table'),
    ]
    for (const each of wrong) expectError(MalformedError, () => decodeManifest(each))
  })

  it('is not encoded when it could not be read back', () => {
    expectError(MalformedError, () => encodeManifest({ ...manifest, sealedChunkBytes: [1] }))
    expect(() => encodeManifest({ ...manifest, name: '\udc00' })).to.throw(TypeError, 'surrogate')
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex } from '../bytes.ts'
import { AuthenticationError, UnsupportedVersionError } from '../errors.ts'
import type { SuiteName } from '../format/header.ts'
import { SUITES } from '../suites/suites.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes, patternBytes } from '../testing/pattern.ts'
import { readVectors } from '../testing/read-vectors.ts'
import type { CipherBackend } from './cipher-backend.ts'

interface AeadVector {
  readonly source: string
  readonly suite: SuiteName
  readonly key: string
  readonly nonce: string
  readonly additionalData: string
  readonly plaintext: string
  readonly sealed: string
  readonly valid: boolean
}

const { vectors } = readVectors('aead.json') as { vectors: AeadVector[] }

/** What every cipher backend must do, for each suite it has. */
export function cipherBackendConformance(name: string, setup: () => CipherBackend): void {
  describe(`cipher backend ${name}`, () => {
    const backend = setup()

    for (const suite of Object.keys(SUITES) as SuiteName[]) {
      if (backend.suites.includes(suite)) suiteConformance(backend, suite)
      else {
        it(`refuses ${suite}, which it does not have, and names those it has`, () => {
          const request = { ...requestFor(suite), plaintext: [] }
          const error = expectError(UnsupportedVersionError, () => backend.seal(request))
          expect(error.message).to.contain(suite).and.contain(backend.suites.join(', '))
        })
      }
    }
  })
}

function requestFor(suite: SuiteName): {
  suite: SuiteName
  key: Uint8Array
  nonce: Uint8Array
  additionalData: Uint8Array
} {
  return {
    suite,
    key: namedBytes(`${suite} key`, SUITES[suite].keyBytes),
    nonce: namedBytes(`${suite} nonce`, SUITES[suite].nonceBytes),
    additionalData: namedBytes('additional data', 32),
  }
}

function suiteConformance(backend: CipherBackend, suite: SuiteName): void {
  const request = requestFor(suite)

  for (const vector of vectors.filter((each) => each.suite === suite)) {
    it(`${suite}: ${vector.source}`, () => {
      const common = {
        suite,
        key: decodeHex(vector.key),
        nonce: decodeHex(vector.nonce),
        additionalData: decodeHex(vector.additionalData),
      }
      const sealed = decodeHex(vector.sealed)
      const plaintext = decodeHex(vector.plaintext)
      if (vector.valid) {
        expect(encodeHex(backend.seal({ ...common, plaintext: [plaintext] }))).to.equal(
          vector.sealed,
        )
        expect(backend.open({ ...common, sealed })).to.deep.equal(plaintext)
      } else {
        expectError(AuthenticationError, () => backend.open({ ...common, sealed }))
      }
    })
  }

  it(`${suite}: opens what it sealed, in however many pieces, and keeps its inputs`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
        fc.uint8Array({ maxLength: 80 }),
        (plaintext, additionalData) => {
          const copies = plaintext.map((piece) => Uint8Array.from(piece))
          const sealed = backend.seal({ ...request, additionalData, plaintext })
          const whole = concat(...copies)
          expect(sealed.length).to.equal(whole.length + SUITES[suite].tagBytes)
          expect(plaintext.map(encodeHex)).to.deep.equal(copies.map(encodeHex))
          const sealedCopy = Uint8Array.from(sealed)
          expect(backend.open({ ...request, additionalData, sealed })).to.deep.equal(whole)
          expect(sealed).to.deep.equal(sealedCopy)
        },
      ),
      { numRuns: 30 },
    )
  })

  it(`${suite}: fails for every flipped byte of sealed bytes, key, nonce, additional data`, () => {
    const sealed = backend.seal({ ...request, plaintext: [patternBytes(40)] })
    const fields = { ...request, sealed }
    for (const field of ['sealed', 'key', 'nonce', 'additionalData'] as const) {
      for (const [, flipped] of withEachByteFlipped(fields[field])) {
        expectError(AuthenticationError, () => backend.open({ ...fields, [field]: flipped }))
      }
    }
  })

  it(`${suite}: fails when sealed bytes are shorter or longer, down to nothing`, () => {
    const sealed = backend.seal({ ...request, plaintext: [patternBytes(20)] })
    for (let length = 0; length < sealed.length; length++) {
      const shorter = sealed.subarray(0, length)
      expectError(AuthenticationError, () => backend.open({ ...request, sealed: shorter }))
    }
    const longer = concat(sealed, new Uint8Array(1))
    expectError(AuthenticationError, () => backend.open({ ...request, sealed: longer }))
  })

  it(`${suite}: binds where additional data ends and ciphertext begins`, () => {
    const sealed = backend.seal({ ...request, plaintext: [patternBytes(40)] })
    const additionalData = concat(request.additionalData, sealed.subarray(0, 1))
    expectError(AuthenticationError, () =>
      backend.open({ ...request, additionalData, sealed: sealed.subarray(1) }),
    )
  })

  it(`${suite}: calls keys and nonces of wrong length misuse`, () => {
    const plaintext = [new Uint8Array(1)]
    const { key, nonce } = request
    expect(() => backend.seal({ ...request, plaintext, key: key.subarray(1) })).to.throw(
      RangeError,
      'key: expected',
    )
    expect(() => backend.seal({ ...request, plaintext, nonce: nonce.subarray(1) })).to.throw(
      RangeError,
      'nonce: expected',
    )
  })
}

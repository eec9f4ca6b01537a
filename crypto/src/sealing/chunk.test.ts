import { expect } from 'chai'
import fc from 'fast-check'

import { nobleBackend } from '../backends/noble-backend.ts'
import { javascriptEngine } from '../chaos/javascript-engine.ts'
import {
  AuthenticationError,
  CryptoError,
  KeyMismatchError,
  LimitError,
  UnsupportedVersionError,
} from '../errors.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { EVERY_SUITE_AND_PROFILE, makeFixture } from '../testing/fixtures.ts'
import { namedBytes, patternBytes } from '../testing/pattern.ts'
import { openChunk, sealChunk, sealedLength } from './chunk.ts'
import { createSealingContext } from './sealing-context.ts'

const position = { chunkNumber: 5, isLast: false }

describe('sealed chunk', () => {
  for (const options of EVERY_SUITE_AND_PROFILE) {
    const what = `${options.suite}, chaos ${options.chaosProfile}`

    it(`is opened to what was sealed: ${what}`, () => {
      const { context } = makeFixture(options)
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 1024 }),
          fc.integer({ min: 0, max: 2 ** 32 - 2 }),
          fc.boolean(),
          fc.constantFrom('stored' as const, 'zstd' as const),
          (bytes, chunkNumber, isLast, codec) => {
            const body = Uint8Array.from(bytes)
            const at = { chunkNumber, isLast }
            const sealed = sealChunk(context, at, { codec, body })
            expect(sealed.length).to.equal(sealedLength(context, body.length))
            const copy = Uint8Array.from(sealed)
            expect(openChunk(context, at, sealed)).to.deep.equal({ codec, body })
            expect(sealed).to.deep.equal(copy)
          },
        ),
        { numRuns: 15 },
      )
    })

    it(`fails for every flipped byte, tag included: ${what}`, () => {
      const { context } = makeFixture(options)
      const sealed = sealChunk(context, position, { codec: 'zstd', body: patternBytes(60) })
      for (const [at, flipped] of withEachByteFlipped(sealed)) {
        const error = expectError(AuthenticationError, () => openChunk(context, position, flipped))
        expect(error.code, `byte ${String(at)}`).to.equal('AUTHENTICATION_FAILED')
      }
    })

    it(`fails elsewhere, truncated, or under another object's key: ${what}`, () => {
      const { context } = makeFixture(options)
      const sealed = sealChunk(context, position, { codec: 'stored', body: patternBytes(30) })
      const moved = { ...position, chunkNumber: 6 }
      const last = { ...position, isLast: true }
      expectError(AuthenticationError, () => openChunk(context, moved, sealed))
      expectError(AuthenticationError, () => openChunk(context, last, sealed))
      for (let length = 0; length < sealed.length; length++) {
        const part = sealed.subarray(0, length)
        expectError(AuthenticationError, () => openChunk(context, position, part))
      }
      const other = makeFixture({ ...options, name: 'another object' }).context
      expectError(AuthenticationError, () => openChunk(other, position, sealed))
    })
  }

  it('is the same in memory that held something else before', () => {
    for (const options of EVERY_SUITE_AND_PROFILE) {
      const { context } = makeFixture(options)
      const chunk = { codec: 'stored' as const, body: patternBytes(100) }
      const allocate = (lengthBytes: number) => new Uint8Array(lengthBytes).fill(0xa5)
      const sealed = sealChunk(context, position, chunk, { allocate })
      expect(sealed).to.deep.equal(sealChunk(context, position, chunk))
    }
  })

  it('is opened in place where that is allowed', () => {
    for (const options of EVERY_SUITE_AND_PROFILE) {
      const { context } = makeFixture(options)
      const chunk = { codec: 'stored' as const, body: patternBytes(100) }
      const sealed = sealChunk(context, position, chunk)
      const copy = Uint8Array.from(sealed)
      expect(openChunk(context, position, sealed, { mayOverwrite: true })).to.deep.equal(chunk)
      const isChaotic = options.chaosProfile !== 'none'
      expect(Buffer.compare(sealed, copy) !== 0).to.equal(isChaotic)
    }
  })

  it('is the same from both backends', () => {
    for (const options of EVERY_SUITE_AND_PROFILE) {
      if (!nobleBackend.suites.includes(options.suite)) continue
      const node = makeFixture(options).context
      const noble = makeFixture({ ...options, backend: nobleBackend }).context
      const chunk = { codec: 'stored', body: patternBytes(500) } as const
      const sealed = sealChunk(node, position, chunk)
      expect(sealChunk(noble, position, chunk)).to.deep.equal(sealed)
      expect(openChunk(noble, position, sealed)).to.deep.equal(chunk)
    }
  })

  it('looks the same in no two chunks of one body, and covers the tag at level 2', () => {
    const one = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'none' }).context
    const body = patternBytes(64)
    const first = sealChunk(one, { chunkNumber: 0, isLast: false }, { codec: 'stored', body })
    const second = sealChunk(one, { chunkNumber: 1, isLast: false }, { codec: 'stored', body })
    expect(first).not.to.deep.equal(second)
    const { context } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })
    const outer = sealChunk(context, position, { codec: 'stored', body })
    const inner = sealChunk({ ...context, chaosLayer: null }, position, { codec: 'stored', body })
    expect(outer.subarray(-16)).not.to.deep.equal(inner.subarray(-16))
    javascriptEngine.xorKeystream(context.keys.chaosKey!, 'wide', position.chunkNumber, outer)
    expect(outer).to.deep.equal(inner)
  })

  it('refuses bodies and sealed chunks longer than the header allows', () => {
    const { context } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'none' })
    const body = patternBytes(1025)
    expect(() => sealChunk(context, position, { codec: 'stored', body })).to.throw(
      RangeError,
      '0 to 1024, got 1025',
    )
    expectError(LimitError, () => openChunk(context, position, patternBytes(1024 + 18)))
    expect(() =>
      sealChunk(
        context,
        { chunkNumber: 2 ** 32 - 1, isLast: true },
        {
          codec: 'stored',
          body: new Uint8Array(0),
        },
      ),
    ).to.throw(RangeError)
  })

  it('refuses a codec of a later release, once it is authentic', () => {
    const { context } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'none' })
    const nonce = new Uint8Array([...context.keys.noncePrefix, 0, 0, 0, 5, 0])
    const sealed = context.backend.seal({
      suite: 'aes-256-gcm',
      key: context.keys.cipherKey,
      nonce,
      additionalData: context.headerHash,
      plaintext: [Uint8Array.of(2)],
    })
    expectError(UnsupportedVersionError, () => openChunk(context, position, sealed))
    const empty = context.backend.seal({
      suite: 'aes-256-gcm',
      key: context.keys.cipherKey,
      nonce,
      additionalData: context.headerHash,
      plaintext: [],
    })
    expectError(UnsupportedVersionError, () => openChunk(context, position, empty))
  })
})

describe('sealing context', () => {
  it('refuses a key that the header does not commit to', () => {
    const { headerBytes, context } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })
    const request = { headerBytes, backend: context.backend, chaos: javascriptEngine }
    expectError(KeyMismatchError, () =>
      createSealingContext({ ...request, dataKey: namedBytes('wrong', 32) }),
    )
  })

  it('refuses a header with any byte flipped: the commitment covers all of it', () => {
    const fixture = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })
    const { dataKey, context } = fixture
    for (const [, headerBytes] of withEachByteFlipped(fixture.headerBytes)) {
      const request = { dataKey, headerBytes, backend: context.backend, chaos: javascriptEngine }
      expectError(CryptoError, () => createSealingContext(request))
    }
  })

  it('calls a missing chaos engine misuse at level 2 and needs none at level 1', () => {
    const two = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })
    const { dataKey, headerBytes, context } = two
    expect(() => createSealingContext({ dataKey, headerBytes, backend: context.backend })).to.throw(
      TypeError,
      'ChaosEngine',
    )
    const one = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'none' })
    const created = createSealingContext({
      dataKey: one.dataKey,
      headerBytes: one.headerBytes,
      backend: context.backend,
    })
    expect(created.chaosLayer).to.equal(null)
  })
})

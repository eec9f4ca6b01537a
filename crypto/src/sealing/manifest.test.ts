import { expect } from 'chai'

import { nobleBackend } from '../backends/noble-backend.ts'
import { nodeBackend } from '../backends/node-backend.ts'
import { AuthenticationError, KeyMismatchError, LimitError, MalformedError } from '../errors.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { EVERY_SUITE_AND_PROFILE, makeFixture } from '../testing/fixtures.ts'
import { vectorManifest } from '../testing/golden-vectors.ts'
import { namedBytes } from '../testing/pattern.ts'
import { openManifest, sealManifest } from './manifest.ts'

const manifestSalt = namedBytes('manifest salt', 32)

describe('sealed manifest', () => {
  for (const options of EVERY_SUITE_AND_PROFILE) {
    it(`is opened to what was sealed: ${options.suite}, chaos ${options.chaosProfile}`, () => {
      const { dataKey, headerBytes, header } = makeFixture(options)
      const request = { dataKey, headerBytes, manifestSalt, backend: nodeBackend }
      const manifest = { ...vectorManifest(), level: header.level }
      const sealed = sealManifest(request, manifest)
      expect(openManifest(request, sealed)).to.deep.equal(manifest)
      if (nobleBackend.suites.includes(options.suite)) {
        const elsewhere = { ...request, backend: nobleBackend }
        expect(openManifest(elsewhere, sealed)).to.deep.equal(manifest)
      }
    })
  }

  const fixture = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })
  const { dataKey, headerBytes } = fixture
  const request = { dataKey, headerBytes, manifestSalt, backend: nodeBackend }
  const sealed = sealManifest(request, vectorManifest())

  it('fails for every flipped byte of it and of its salt', () => {
    for (const [, flipped] of withEachByteFlipped(sealed)) {
      expectError(AuthenticationError, () => openManifest(request, flipped))
    }
    for (const [, salt] of withEachByteFlipped(manifestSalt)) {
      expectError(AuthenticationError, () =>
        openManifest({ ...request, manifestSalt: salt }, sealed),
      )
    }
  })

  it('fails under another object, by header or by key', () => {
    const other = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide', name: 'other' })
    expectError(KeyMismatchError, () =>
      openManifest({ ...request, headerBytes: other.headerBytes }, sealed),
    )
    expectError(KeyMismatchError, () =>
      openManifest({ ...request, dataKey: other.dataKey }, sealed),
    )
    expectError(AuthenticationError, () =>
      openManifest({ ...request, dataKey: other.dataKey, headerBytes: other.headerBytes }, sealed),
    )
  })

  it('is not sealed when it contradicts the header', () => {
    expectError(MalformedError, () => sealManifest(request, { ...vectorManifest(), level: 1 }))
    const chunkBytes = { ...vectorManifest(), chunkBytes: 4096, sealedChunkBytes: [611] }
    expectError(MalformedError, () => sealManifest(request, chunkBytes))
    const longChunk = { ...vectorManifest(), sealedChunkBytes: [1024 + 18, 340] }
    expectError(LimitError, () => sealManifest(request, longChunk))
  })
})

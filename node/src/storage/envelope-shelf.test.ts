import { expect } from 'chai'
import fc from 'fast-check'
import { compareBytes } from '@orlop/crypto/bytes'
import { encodeEnvelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import {
  DEFAULT_CHUNK_BYTES,
  DEFAULT_STRIPE_SHARE_BYTES,
  type Header,
  encodeHeader,
} from '@orlop/crypto/format/header'
import { MAX_ENVELOPE_BYTES } from '@orlop/protocol/limits'
import { codeOf, keyOf } from './blob-store.conformance.ts'
import type { NodeStorage } from './interfaces.ts'
import { TestWorld } from './testkit/test-world.ts'

const filled = (fill: number) => new Uint8Array(32).fill(fill)

const headerOf = (object: number): Header => ({
  objectId: filled(object),
  suite: 'aes-256-gcm',
  level: 1,
  chaosProfile: 'none',
  chunkBytes: DEFAULT_CHUNK_BYTES,
  k: 1,
  m: 1,
  stripeShareBytes: DEFAULT_STRIPE_SHARE_BYTES,
  salt: filled(1),
  commitment: filled(2),
})

/** An envelope of object 1. */
function envelope(version: number, fill: number, manifestBytes = 50) {
  const fields = {
    headerBytes: encodeHeader(headerOf(1)),
    version,
    previousHash: filled(0),
    stanzas: [],
    manifestSalt: filled(fill),
    sealedManifest: new Uint8Array(manifestBytes).fill(fill),
    signature: new Uint8Array(64).fill(1),
  }
  return { bytes: encodeEnvelope(fields), version, hash: hashEnvelope(fields) }
}

describe('envelope shelf', () => {
  let world: TestWorld
  let storage: NodeStorage
  beforeEach(async () => {
    world = await TestWorld.create()
    storage = await world.open()
  })
  afterEach(async () => {
    await storage.close()
    await world.destroy()
  })

  it('ends with the newest version and the lowest hash, whatever the order', async () => {
    const all = [1, 2, 3].flatMap((version) => [7, 8].map((fill) => envelope(version, fill)))
    const best = all
      .filter(({ version }) => version === 3)
      .sort((left, right) => compareBytes(left.hash, right.hash))[0]
    let clientId = 0
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), async (order) => {
        const key = keyOf(1, 0, ++clientId)
        for (const { bytes } of order) await storage.envelopes.put(key, bytes)
        expect((await storage.envelopes.find(key))?.envelopeHash).to.deep.equal(best?.hash)
      }),
      { numRuns: 30 },
    )
  })

  it('answers an older version with the one it has', async () => {
    const newer = envelope(2, 1)
    await storage.envelopes.put(keyOf(1), newer.bytes)
    const held = await storage.envelopes.put(keyOf(1), envelope(1, 2).bytes)
    expect([held.version, held.envelope]).to.deep.equal([2, newer.bytes])
    expect(await storage.envelopes.find(keyOf(1, 0, 8))).to.equal(null)
  })

  it('refuses what is no envelope, another object’s, or too long for a frame', async () => {
    const put = (bytes: Uint8Array) => codeOf(storage.envelopes.put(keyOf(1), bytes))
    expect(await put(new Uint8Array(5))).to.equal('ENVELOPE_INVALID')
    expect(await codeOf(storage.envelopes.put(keyOf(2), envelope(1, 1).bytes))).to.equal(
      'ENVELOPE_INVALID',
    )
    expect(await put(envelope(1, 1, MAX_ENVELOPE_BYTES).bytes)).to.equal('ENVELOPE_INVALID')
  })
})

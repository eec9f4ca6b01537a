import { join } from 'node:path'
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
import { EVERY_STRIP, MAX_ENVELOPE_BYTES } from '@orlop/protocol/limits'
import { codeOf, keyOf } from './blob-store.conformance.ts'
import type { NodeStorage } from './interfaces.ts'
import { KEY_SPACE } from './key-space.ts'
import { LevelIndex } from './level-index.ts'
import { TEST_PARTIES, TestWorld, keyFor } from './testkit/test-world.ts'

const filled = (fill: number) => new Uint8Array(32).fill(fill)

const OBJECT = keyFor(1)
const DAY_MS = 24 * 3_600_000

const headerOf = (objectId: Uint8Array): Header => ({
  objectId,
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
    headerBytes: encodeHeader(headerOf(OBJECT.objectId)),
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

  const reserve = (clientId = 1, index = 0) =>
    storage.reservations.reserve({
      offer: world.offer(1, { clientId }),
      index,
      parties: TEST_PARTIES,
    })
  const find = () => storage.envelopes.find(OBJECT)
  const reopen = async (options = {}) => {
    await storage.close()
    storage = await world.open(options)
  }

  it('ends with the newest version and the lowest hash, whatever the order', async () => {
    const all = [1, 2, 3].flatMap((version) => [7, 8].map((fill) => envelope(version, fill)))
    const best = all
      .filter(({ version }) => version === 3)
      .sort((left, right) => compareBytes(left.hash, right.hash))[0]
    let clientId = 0
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), async (order) => {
        const key = { ...OBJECT, clientId: ++clientId }
        await reserve(clientId)
        for (const { bytes } of order) await storage.envelopes.put(key, bytes)
        expect((await storage.envelopes.find(key))?.envelopeHash).to.deep.equal(best?.hash)
      }),
      { numRuns: 30 },
    )
  })

  it('answers an older version with the one it has', async () => {
    const newer = envelope(2, 1)
    await reserve()
    await storage.envelopes.put(OBJECT, newer.bytes)
    const held = await storage.envelopes.put(OBJECT, envelope(1, 2).bytes)
    expect([held.version, held.envelope]).to.deep.equal([2, newer.bytes])
    expect(await storage.envelopes.find({ ...OBJECT, clientId: 8 })).to.equal(null)
  })

  it('refuses what is no envelope, another object’s, or too long for a frame', async () => {
    const put = (bytes: Uint8Array) => codeOf(storage.envelopes.put(OBJECT, bytes))
    expect(await put(new Uint8Array(5))).to.equal('ENVELOPE_INVALID')
    expect(await codeOf(storage.envelopes.put(keyOf(2), envelope(1, 1).bytes))).to.equal(
      'ENVELOPE_INVALID',
    )
    expect(await put(envelope(1, 1, MAX_ENVELOPE_BYTES).bytes)).to.equal('ENVELOPE_INVALID')
  })
  it('keeps none for an object of which nothing is here', async () => {
    const { bytes } = envelope(1, 1)
    expect(await codeOf(storage.envelopes.put(OBJECT, bytes))).to.equal('RESERVATION_UNKNOWN')
    await world.store(storage, 1)
    await storage.strips.remove({
      message: { ...OBJECT, index: EVERY_STRIP },
      signature: new Uint8Array(64),
    })
    expect(await codeOf(storage.envelopes.put(OBJECT, bytes))).to.equal('OBJECT_REMOVED')
  })

  describe('room', () => {
    const CAPACITY = 20_000
    const free = () => storage.reservations.freeBytes()
    beforeEach(() => reopen({ capacityBytes: CAPACITY }))

    it('counts against the quota, each version instead of the one before, also after a restart', async () => {
      const strip = await world.store(storage, 1)
      const left = CAPACITY - strip.stripBytes
      const large = envelope(1, 1, 5000).bytes
      await storage.envelopes.put(OBJECT, large)
      expect(await free()).to.equal(left - large.length)
      const small = envelope(2, 1, 10).bytes
      await storage.envelopes.put(OBJECT, small)
      expect(await free()).to.equal(left - small.length)
      await reopen({ capacityBytes: CAPACITY })
      expect(await free()).to.equal(left - small.length)
    })

    it('refuses growth beyond the quota and keeps what it has', async () => {
      await world.store(storage, 1)
      const first = envelope(1, 1, 10)
      await storage.envelopes.put(OBJECT, first.bytes)
      const grown = envelope(2, 1, CAPACITY).bytes
      expect(await codeOf(storage.envelopes.put(OBJECT, grown))).to.equal('DISK_FULL')
      expect((await find())?.envelopeHash).to.deep.equal(first.hash)
    })

    it('takes the envelope of a reserved strip on a full node: the upload is there already', async () => {
      await reserve()
      await world.store(storage, 2, 10_000)
      expect(await free()).to.equal(0)
      const { bytes, hash } = envelope(1, 1, 100)
      await storage.envelopes.put(OBJECT, bytes)
      expect((await find())?.envelopeHash).to.deep.equal(hash)
    })
  })

  describe('end', () => {
    const put = () => storage.envelopes.put(OBJECT, envelope(1, 1).bytes)

    it('goes with the reservation that is given back without a strip', async () => {
      await reserve()
      await reserve(1, 1)
      await put()
      await storage.reservations.release(keyFor(1, 1))
      expect(await find()).to.not.equal(null)
      await storage.reservations.release(keyFor(1))
      expect(await find()).to.equal(null)
      expect(await storage.reservations.freeBytes()).to.equal(1e9)
    })

    it('goes with the reservation that ran out without a strip', async () => {
      await reserve()
      await put()
      world.time.advance(DAY_MS)
      await storage.sweep()
      expect(await find()).to.equal(null)
      expect(await storage.reservations.freeBytes()).to.equal(1e9)
    })

    it('goes with the last strip that expires', async () => {
      await world.store(storage, 1)
      await put()
      world.time.advance(31 * DAY_MS)
      await storage.sweep()
      expect(await find()).to.equal(null)
    })

    it('goes when the only strip is removed, though not the whole object', async () => {
      await world.store(storage, 1)
      await put()
      await storage.strips.remove({ message: keyFor(1), signature: new Uint8Array(64) })
      expect(await find()).to.equal(null)
      expect(await storage.reservations.freeBytes()).to.equal(1e9)
    })

    it('stays while a strip is here, whatever becomes of further reservations', async () => {
      await world.store(storage, 1)
      await reserve(1, 1)
      await put()
      await storage.reservations.release(keyFor(1, 1))
      expect(await find()).to.not.equal(null)
    })

    it('is deleted at the next start where a crash left it behind', async () => {
      await reserve()
      await put()
      await storage.close()
      const index = await LevelIndex.open(join(world.home, 'index'))
      await index.write([index.drop(KEY_SPACE.reservations, OBJECT)])
      await index.close()
      storage = await world.open()
      expect(storage.recovery.orphanEnvelopes).to.equal(1)
      expect(await find()).to.equal(null)
      expect(await storage.reservations.freeBytes()).to.equal(1e9)
    })
  })
})

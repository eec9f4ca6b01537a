import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import type { Extend, Remove } from '@orlop/protocol/messages/keeping'
import { codeOf, readAll, sample } from './blob-store.conformance.ts'
import type { NodeStorage } from './interfaces.ts'
import { KEY_SPACE } from './key-space.ts'
import { LevelIndex } from './level-index.ts'
import { formatStripName } from './strip-name.ts'
import { TEST_PARTIES, TestWorld, keyFor } from './testkit/test-world.ts'

const DAY_MS = 24 * 3_600_000
const signature = new Uint8Array(64)

describe('node storage', () => {
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

  const reopen = async () => {
    await storage.close()
    storage = await world.open()
  }
  const reserve = (fill: number, index = 0) =>
    storage.reservations.reserve({ offer: world.offer(fill), index, parties: TEST_PARTIES })
  const read = async (fill: number) =>
    readAll((await storage.strips.openReader(keyFor(fill))).reader)
  const filePath = (fill: number) => {
    const name = formatStripName(keyFor(fill))
    return join(world.home, 'blobs', 'strips', name.slice(0, 2), `${name}.strip`)
  }

  describe('keeping', () => {
    it('gives a kept strip back, also after a restart', async () => {
      const { ack } = await world.store(storage, 1, 70_000)
      await reopen()
      expect(await read(1)).to.deep.equal(Buffer.from(sample(70_000, 1)))
      const record = await storage.strips.find(keyFor(1))
      expect(record).to.deep.include({ ack, state: 'stored', stripBytes: 70_000 })
      expect(storage.outbox.waiting).to.equal(1)
    })

    it('answers the same commit again with the first Ack, and another commit with ALREADY_EXISTS', async () => {
      const { commit, ack } = await world.store(storage, 1)
      world.time.advance(5000)
      const again = await storage.strips.keep(commit, () => expect.fail('signed a second Ack'))
      expect(again.ack).to.deep.equal(ack)
      const other = world.signCommit(keyFor(1), { ...commit.message, sequence: 9 })
      expect(await codeOf(storage.strips.keep(other, world.signAck(other)))).to.equal(
        'ALREADY_EXISTS',
      )
      expect(await codeOf(storage.strips.stage(keyFor(1)))).to.equal('ALREADY_EXISTS')
    })

    it('refuses commits of no reservation, another number, another node, other bytes; then takes the right one', async () => {
      await reserve(1)
      const commit = await world.send(storage, 1, 100)
      const wrong = async (change: object) => {
        const other = world.signCommit(keyFor(1), { ...commit.message, ...change })
        const sign = () => expect.fail('an Ack was signed')
        return codeOf(storage.strips.keep(other, sign))
      }
      expect(await wrong({ objectId: keyFor(99).objectId })).to.equal('RESERVATION_UNKNOWN')
      expect(await wrong({ clientId: 2 })).to.equal('RESERVATION_UNKNOWN')
      expect(await wrong({ index: 1 })).to.equal('RESERVATION_UNKNOWN')
      expect(await wrong({ sequence: 1 })).to.equal('RESERVATION_UNKNOWN')
      expect(await wrong({ nodeId: 2 })).to.equal('COMMIT_INVALID')
      expect(await wrong({ k: 2 })).to.equal('COMMIT_INVALID')
      expect(await wrong({ root: new Uint8Array(32) })).to.equal('COMMIT_INVALID')
      expect(await wrong({ streamBytes: 99 })).to.equal('COMMIT_INVALID')
      expect((await storage.strips.keep(commit, world.signAck(commit))).state).to.equal('stored')
    })

    it('stages nothing without a reservation, and nothing beyond it', async () => {
      expect(await codeOf(storage.strips.stage(keyFor(1)))).to.equal('RESERVATION_UNKNOWN')
      await reserve(1)
      const staging = await storage.strips.stage(keyFor(1))
      expect(await codeOf(staging.append(sample(10_001)))).to.equal('RESERVATION_EXCEEDED')
    })

    it('says how many bytes are here at each stage', async () => {
      expect(await storage.strips.durableBytes(keyFor(1))).to.equal(0)
      await reserve(1)
      const commit = await world.send(storage, 1, 100)
      expect(await storage.strips.durableBytes(keyFor(1))).to.equal(100)
      await storage.strips.keep(commit, world.signAck(commit))
      expect(await storage.strips.durableBytes(keyFor(1))).to.equal(100)
    })
  })

  describe('giving up', () => {
    const remove = (fill: number, index: number): { message: Remove; signature: Uint8Array } => ({
      message: keyFor(fill, index),
      signature,
    })

    it('removes for good: file, entry, reservation, envelope; and remembers it', async () => {
      await world.store(storage, 1)
      await reserve(1, 1)
      expect(await storage.strips.remove(remove(1, EVERY_STRIP))).to.equal(1)
      await reopen()
      expect(await codeOf(storage.strips.openReader(keyFor(1)))).to.equal('OBJECT_REMOVED')
      expect(await codeOf(storage.strips.stage(keyFor(1, 1)))).to.equal('OBJECT_REMOVED')
      expect(await reserve(1)).to.include({ accepted: false, reason: 'offer-invalid' })
      expect(storage.reservations.open).to.equal(0)
      expect(await storage.reservations.freeBytes()).to.equal(1e9)
      expect(await readdir(join(world.home, 'blobs', 'strips', '01'))).to.deep.equal([])
    })

    it('removes one strip and leaves the others and other objects', async () => {
      await world.store(storage, 1)
      await world.store(storage, 2)
      expect(await storage.strips.remove(remove(1, 1))).to.equal(0)
      expect(await storage.strips.remove(remove(1, 0))).to.equal(1)
      expect(await storage.strips.isRemoved(keyFor(1))).to.equal(true)
      expect(await read(2)).to.deep.equal(Buffer.from(sample(100, 2)))
    })

    it('sends removals and extensions to the ledger and still records the receipt they cite', async () => {
      await world.store(storage, 1)
      await storage.strips.remove(remove(1, 0))
      expect([storage.relay.waiting, storage.outbox.waiting]).to.deep.equal([1, 1])
      await storage.strips.remove(remove(1, 0))
      expect(storage.relay.waiting).to.equal(1)
      await storage.outbox.flush()
      expect(await world.chain.isRecorded(1, 0)).to.equal(true)
    })

    it('keeps an extended strip as long as promised, and no strip longer', async () => {
      const { expirySeconds } = await world.store(storage, 1)
      await world.store(storage, 2)
      const extend = (expiry: number): { message: Extend; signature: Uint8Array } => ({
        message: { ...keyFor(1), index: EVERY_STRIP, expiry },
        signature,
      })
      expect(await storage.strips.extend(extend(expirySeconds + 864_000))).to.equal(1)
      await storage.strips.extend(extend(expirySeconds + 1))
      world.time.advance(30 * DAY_MS)
      expect((await storage.sweep()).strips).to.equal(0)
      world.time.advance(DAY_MS)
      expect((await storage.sweep()).strips).to.equal(1)
      expect(await storage.strips.find(keyFor(2))).to.equal(null)
      expect(await read(1)).to.deep.equal(Buffer.from(sample(100, 1)))
      world.time.advance(10 * DAY_MS)
      expect((await storage.sweep()).strips).to.equal(1)
      expect(await storage.reservations.freeBytes()).to.equal(1e9)
    })
  })

  describe('recovery', () => {
    /** Changes the index behind the storage's back. */
    const tamper = async (change: (index: LevelIndex) => Promise<void>) => {
      await storage.close()
      const index = await LevelIndex.open(join(world.home, 'index'))
      await change(index)
      await index.close()
      storage = await world.open()
    }

    it('takes a final file that was never acknowledged back to staging', async () => {
      await reserve(1)
      const commit = await world.send(storage, 1, 100)
      const { root, streamBytes } = commit.message
      await storage.blobs.finalize(keyFor(1), { root, stripBytes: streamBytes })
      await reopen()
      expect(storage.recovery.restaged).to.equal(1)
      expect(await storage.strips.durableBytes(keyFor(1))).to.equal(100)
      await storage.strips.keep(commit, world.signAck(commit))
      expect(await read(1)).to.deep.equal(Buffer.from(sample(100, 1)))
    })

    it('sets aside strips that the index forgot, and deletes staged bytes that nobody reserved', async () => {
      await world.store(storage, 1)
      await reserve(2)
      await world.send(storage, 2, 100)
      await tamper((index) =>
        index.write([
          index.drop(KEY_SPACE.strips, keyFor(1)),
          index.drop(KEY_SPACE.reservations, keyFor(2)),
        ]),
      )
      expect(storage.recovery).to.deep.include({ setAside: [keyFor(1)], orphanStagings: 1 })
      const name = `${formatStripName(keyFor(1))}.strip`
      expect(await readdir(join(world.home, 'blobs', 'unknown'))).to.deep.equal([name])
      const left = []
      for await (const entry of storage.blobs.list()) left.push(entry)
      expect(left).to.deep.equal([])
    })

    it('does not open an empty index over a disk with strips', async () => {
      await world.store(storage, 1)
      await storage.close()
      const elsewhere = join(world.home, 'index-away')
      await rename(join(world.home, 'index'), elsewhere)
      expect(await codeOf(world.open())).to.equal('HOME_DAMAGED')
      await rm(join(world.home, 'index'), { recursive: true })
      await rename(elsewhere, join(world.home, 'index'))
      storage = await world.open()
      expect(await read(1)).to.deep.equal(Buffer.from(sample(100, 1)))
    })

    it('names strips whose file is gone, and answers for them with STRIP_DAMAGED', async () => {
      await world.store(storage, 1)
      await world.store(storage, 2)
      await rm(filePath(1))
      await reopen()
      expect(storage.recovery.missing).to.deep.equal([keyFor(1)])
      expect(await codeOf(storage.strips.openReader(keyFor(1)))).to.equal('STRIP_DAMAGED')
      expect(await read(2)).to.deep.equal(Buffer.from(sample(100, 2)))
    })

    it('puts stored strips that are not final back into an outbox that lost them', async () => {
      await world.store(storage, 1)
      await world.store(storage, 2)
      await tamper((index) => index.write([index.drop(KEY_SPACE.outbox, 0)]))
      expect(storage.recovery.outboxRefilled).to.equal(1)
      await storage.outbox.flush()
      world.ledger.mineBlocks(3)
      await storage.outbox.flush()
      await reopen()
      expect(storage.recovery.outboxRefilled).to.equal(0)
      expect(await world.chain.isRecorded(1, 0)).to.equal(true)
    })

    it('finishes a removal that a crash cut short', async () => {
      await world.store(storage, 1)
      const tombstone = { remove: { message: keyFor(1), signature }, removedAtMs: 1 }
      await tamper((index) => index.write([index.put(KEY_SPACE.tombstones, keyFor(1), tombstone)]))
      expect(await storage.strips.find(keyFor(1))).to.equal(null)
      expect(await readdir(join(world.home, 'blobs', 'strips', '01'))).to.deep.equal([])
      expect(await storage.reservations.freeBytes()).to.equal(1e9)
    })

    it('refuses a home that another storage has open', async () => {
      expect(await codeOf(world.open())).to.equal('HOME_LOCKED')
    })
  })

  describe('spread jobs', () => {
    it('wait until acknowledged, and stay known until replaced, also after a restart', async () => {
      const commits = [1, 2].map((index) =>
        world.signCommit(keyFor(1, index), { nodeId: index + 1 }),
      )
      await storage.spreads.put(commits)
      const problem = { nextAttemptMs: 99, problem: 'no answer' }
      await storage.spreads.postpone(keyFor(1, 2), problem)
      const ack = world.signAck(commits[0] ?? expect.fail())(5)
      await storage.spreads.acknowledge(keyFor(1, 1), ack)
      await reopen()
      const [waiting, ...others] = await storage.spreads.pending()
      expect(others).to.deep.equal([])
      expect(waiting).to.deep.include({ attempts: 1, ...problem, commit: commits[1] })
      const known = await storage.spreads.ofObject(keyFor(1))
      expect(known.map((job) => job.ack)).to.deep.equal([ack, undefined])
      const replaced = world.signCommit(keyFor(1, 2), { nodeId: 4 })
      await storage.spreads.put([replaced])
      expect((await storage.spreads.pending()).map((job) => job.commit)).to.deep.equal([replaced])
    })
  })
})

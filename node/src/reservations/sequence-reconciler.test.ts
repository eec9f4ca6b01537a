import { cp, rm } from 'node:fs/promises'
import { expect } from 'chai'
import type { LedgerFilter } from '@orlop/protocol/ledger'
import { codeOf } from '../storage/blob-store.conformance.ts'
import type { NodeStorage } from '../storage/interfaces.ts'
import { TEST_PARTIES, TestWorld, keyFor } from '../storage/testkit/test-world.ts'
import { LOOK_BACK_BLOCKS, SEQUENCE_GAP } from './sequence-reconciler.ts'

describe('receipt numbers of a restored home', () => {
  let world: TestWorld
  let storage: NodeStorage
  let copy: string
  beforeEach(async () => {
    world = await TestWorld.create()
    copy = `${world.home}-copy`
    storage = await world.open()
    await storage.reconcile()
  })
  afterEach(async () => {
    await storage.close()
    await world.destroy()
    await rm(copy, { recursive: true, force: true })
  })

  const reserve = async (fill: number) => {
    const offer = world.offer(fill)
    const outcome = await storage.reservations.reserve({ offer, index: 0, parties: TEST_PARTIES })
    if (!outcome.accepted) throw new Error(outcome.reason)
    return outcome.reservation.sequence
  }
  const record = async (...fills: number[]) => {
    for (const fill of fills) await world.store(storage, fill)
    await storage.outbox.flush()
  }
  const copyHome = async () => {
    await storage.close()
    await cp(world.home, copy, { recursive: true })
    storage = await world.open()
    await storage.reconcile()
  }
  const restore = async () => {
    await storage.close()
    await rm(world.home, { recursive: true })
    await cp(copy, world.home, { recursive: true })
    storage = await world.open()
  }

  it('are not given again, however many the ledger has not got', async () => {
    await record(1)
    await copyHome()
    // Forty numbers that were given and never recorded lie before the one that was.
    const given = []
    for (let fill = 10; fill < 50; fill++) given.push(await reserve(fill))
    await record(2)
    given.push(await reserve(60))
    await restore()
    expect(await storage.reconcile()).to.equal(true)
    const next = await reserve(70)
    expect(given).to.not.include(next)
    expect(next).to.equal(42 + SEQUENCE_GAP)
    expect(await storage.reconcile()).to.equal(false)
  })

  it('are not given again where the copy holds them as given back', async () => {
    await reserve(1)
    await record(2)
    await storage.reservations.release(keyFor(1))
    await copyHome()
    await record(3)
    expect(await world.chain.isRecorded(1, 0)).to.equal(true)
    await restore()
    expect(await storage.reconcile()).to.equal(true)
    expect(await reserve(4)).to.be.above(SEQUENCE_GAP)
  })

  it('are taken from reservations of the copy, whose numbers others had since', async () => {
    await reserve(1)
    await copyHome()
    await storage.reservations.release(keyFor(1))
    await record(2)
    await restore()
    expect(await storage.reconcile()).to.equal(true)
    expect(await codeOf(storage.strips.stage(keyFor(1)))).to.equal('RESERVATION_UNKNOWN')
    expect(await reserve(1)).to.be.above(SEQUENCE_GAP)
  })

  it('are not given again when none of them came to the ledger, but the node did', async () => {
    await record(1)
    await copyHome()
    const given = [await reserve(2), await reserve(3)]
    world.time.advance(60_000)
    await world.chain.heartbeat(1)
    await restore()
    expect(await storage.reconcile()).to.equal(false)
    expect(given).to.not.include(await reserve(4))
  })

  it('go on without a gap in a home that is the newest', async () => {
    await record(1, 2)
    world.time.advance(60_000)
    await world.chain.heartbeat(1)
    await storage.reconcile()
    await reserve(3)
    await storage.reservations.release(keyFor(3))
    await storage.close()
    storage = await world.open()
    expect(await storage.reconcile()).to.equal(false)
    expect(await reserve(4)).to.equal(2)
  })

  it('skip far ahead while the ledger cannot be asked, once', async () => {
    await record(1)
    await copyHome()
    const forgotten = await reserve(2)
    await restore()
    world.ledger.setOutage(true)
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await codeOf(storage.reconcile())).to.equal('LEDGER_UNREACHABLE')
    }
    expect(await reserve(3)).to.equal(forgotten + SEQUENCE_GAP)
    world.ledger.setOutage(false)
    expect(await storage.reconcile()).to.equal(false)
    expect(await reserve(4)).to.equal(forgotten + SEQUENCE_GAP + 1)
  })

  it('are looked for only where the copy may not have seen them', async () => {
    const looks: (number | undefined)[] = []
    const { chain } = world
    const reopen = async () => {
      await storage.close()
      storage = await world.open(
        {},
        {
          ledger: Object.assign(Object.create(chain) as typeof chain, {
            head: chain.head.bind(chain),
            node: chain.node.bind(chain),
            receipts: (filter: LedgerFilter) => {
              looks.push(filter.fromBlock)
              return chain.receipts(filter)
            },
          }),
        },
      )
      await storage.reconcile()
    }
    world.ledger.mineBlocks(2 * LOOK_BACK_BLOCKS)
    const { blockNumber } = await chain.head()
    await reopen()
    await reopen()
    expect(looks).to.deep.equal([0, blockNumber - LOOK_BACK_BLOCKS])
    world.ledger.dropBlocks(LOOK_BACK_BLOCKS)
    await reopen()
    expect(looks.at(-1)).to.equal(0)
  })
})

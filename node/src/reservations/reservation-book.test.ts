import { expect } from 'chai'
import fc from 'fast-check'
import type { NodeStorage } from '../storage/interfaces.ts'
import { MemoryBlobStore } from '../storage/memory-blob-store.ts'
import { TEST_PARTIES, TestWorld, keyFor } from '../storage/testkit/test-world.ts'

const DAY_MS = 24 * 3_600_000
const WEEK_MS = 7 * DAY_MS

function reserve(world: TestWorld, storage: NodeStorage, fill: number, maxBytes = 100) {
  return storage.reservations.reserve({
    offer: world.offer(fill, { maxBytes }),
    index: 0,
    parties: TEST_PARTIES,
  })
}

async function numberOf(...call: Parameters<typeof reserve>): Promise<number | string> {
  const outcome = await reserve(...call)
  return outcome.accepted ? outcome.reservation.sequence : outcome.reason
}

describe('reservation book', () => {
  let world: TestWorld
  let storage: NodeStorage
  beforeEach(async () => {
    world = await TestWorld.create()
    storage = await world.open({ capacityBytes: 1000 })
  })
  afterEach(async () => {
    await storage.close()
    await world.destroy()
  })

  it('gives numbers from 0 upwards, and the same strip its own again, held anew', async () => {
    expect(await numberOf(world, storage, 1)).to.equal(0)
    expect(await numberOf(world, storage, 2)).to.equal(1)
    world.time.advance(1000)
    const again = await reserve(world, storage, 1, 50)
    expect(again).to.have.nested.property('reservation.sequence', 0)
    expect(again).to.have.nested.property('reservation.maxBytes', 100)
    expect(again).to.have.nested.property('reservation.heldUntilMs', world.time.nowMs() + DAY_MS)
    expect(storage.reservations.open).to.equal(2)
    expect(await storage.reservations.freeBytes()).to.equal(800)
  })

  it('gives released numbers again, lowest first', async () => {
    for (const fill of [1, 2, 3, 4]) await reserve(world, storage, fill)
    expect(await storage.reservations.release(keyFor(3))).to.equal(true)
    expect(await storage.reservations.release(keyFor(1))).to.equal(true)
    expect(await storage.reservations.release(keyFor(1))).to.equal(false)
    const numbers = []
    for (const fill of [5, 6, 7]) numbers.push(await numberOf(world, storage, fill))
    expect(numbers).to.deep.equal([0, 2, 4])
  })

  it('counts reserved and stored bytes against the quota, also after a restart', async () => {
    await world.store(storage, 1, 300)
    await reserve(world, storage, 2, 600)
    expect(await numberOf(world, storage, 3, 101)).to.equal('node-full')
    await storage.close()
    storage = await world.open({ capacityBytes: 1000 })
    expect(storage.reservations.open).to.equal(1)
    expect(await numberOf(world, storage, 3, 101)).to.equal('node-full')
    expect(await numberOf(world, storage, 3, 100)).to.equal(2)
  })

  it('frees what a commit did not use of its reservation', async () => {
    await reserve(world, storage, 1, 900)
    const commit = await world.send(storage, 1, 100)
    await storage.strips.keep(commit, world.signAck(commit))
    expect(await storage.reservations.freeBytes()).to.equal(900)
    expect(storage.reservations.open).to.equal(0)
  })

  it('lets a client hold only so many', async () => {
    await storage.close()
    storage = await world.open({ reservations: { maxReservationsPerClient: 2 } })
    for (const fill of [1, 2]) await reserve(world, storage, fill)
    expect(await numberOf(world, storage, 3)).to.equal('too-many-reservations')
    expect(await numberOf(world, storage, 2)).to.equal(1)
    await storage.reservations.release(keyFor(1))
    expect(await numberOf(world, storage, 3)).to.equal(0)
  })

  it('ends unused reservations after a day, and those with bytes a week after the last one', async () => {
    await storage.close()
    const blobs = new MemoryBlobStore(world.time)
    storage = await world.open({}, { blobs })
    await reserve(world, storage, 1)
    await reserve(world, storage, 2)
    const staging = await storage.strips.stage(keyFor(2))
    await staging.append(new Uint8Array(10))
    await staging.sync()
    await staging.close()
    world.time.advance(DAY_MS)
    expect((await storage.sweep()).reservations).to.equal(1)
    expect(await storage.reservations.find(keyFor(1))).to.equal(null)
    expect(await blobs.stagedBytes(keyFor(2))).to.equal(10)
    world.time.advance(WEEK_MS - DAY_MS - 1)
    expect((await storage.sweep()).reservations).to.equal(0)
    world.time.advance(1)
    expect((await storage.sweep()).reservations).to.equal(1)
    expect(await blobs.stagedBytes(keyFor(2))).to.equal(null)
    expect(await numberOf(world, storage, 3)).to.equal(0)
  })

  it('keeps its promises in any order of calls, restarts included', async function () {
    this.timeout(120_000)
    await storage.close()
    const commands = fc.commands(COMMANDS, { maxCommands: 40 })
    await fc.assert(
      fc.asyncProperty(commands, async (chosen) => {
        const own = await TestWorld.create()
        const real = { world: own, storage: await own.open() }
        const model = { open: new Map<number, number>(), used: new Set<number>() }
        await fc.asyncModelRun(() => ({ model, real }), chosen)
        await real.storage.close()
        await own.destroy()
      }),
      { numRuns: 20 },
    )
    storage = await world.open()
  })
})

interface Model {
  /** Receipt number by object. */
  open: Map<number, number>
  /** Numbers of strips that were kept: never again. */
  used: Set<number>
}
interface Real {
  world: TestWorld
  storage: NodeStorage
}

const lowestFree = ({ open, used }: Model) => {
  const taken = new Set([...open.values(), ...used])
  let number = 0
  while (taken.has(number)) number += 1
  return number
}

class Reserve implements fc.AsyncCommand<Model, Real> {
  readonly fill: number
  constructor(fill: number) {
    this.fill = fill
  }
  check = () => true
  async run(model: Model, { world, storage }: Real): Promise<void> {
    const number = await numberOf(world, storage, this.fill)
    if (number === 'already-stored') return
    expect(number).to.equal(model.open.get(this.fill) ?? lowestFree(model))
    model.open.set(this.fill, number as number)
  }
  toString = () => `reserve ${String(this.fill)}`
}

class Release implements fc.AsyncCommand<Model, Real> {
  readonly fill: number
  constructor(fill: number) {
    this.fill = fill
  }
  check = () => true
  async run(model: Model, { storage }: Real): Promise<void> {
    const released = await storage.reservations.release(keyFor(this.fill))
    expect(released).to.equal(model.open.delete(this.fill))
  }
  toString = () => `release ${String(this.fill)}`
}

class Keep implements fc.AsyncCommand<Model, Real> {
  readonly fill: number
  constructor(fill: number) {
    this.fill = fill
  }
  check = (model: Readonly<Model>) => model.open.has(this.fill)
  async run(model: Model, { world, storage }: Real): Promise<void> {
    const commit = await world.send(storage, this.fill, 50)
    const { ack } = await storage.strips.keep(commit, world.signAck(commit))
    expect(ack.message.nodeId).to.equal(1)
    const { sequence } = commit.message
    expect(model.used.has(sequence)).to.equal(false)
    expect(sequence).to.equal(model.open.get(this.fill))
    model.open.delete(this.fill)
    model.used.add(sequence)
  }
  toString = () => `keep ${String(this.fill)}`
}

class ReserveTogether implements fc.AsyncCommand<Model, Real> {
  check = () => true
  async run(model: Model, { world, storage }: Real): Promise<void> {
    const fills = [20, 21, 22, 23].filter((fill) => !model.open.has(fill))
    const numbers = await Promise.all(fills.map((fill) => numberOf(world, storage, fill)))
    for (const [at, number] of numbers.entries()) {
      if (typeof number === 'string') continue
      expect(number).to.equal(lowestFree(model))
      model.open.set(fills[at] ?? 0, number)
    }
  }
  toString = () => 'reserve four at once'
}

class Expire implements fc.AsyncCommand<Model, Real> {
  check = () => true
  async run(model: Model, { world, storage }: Real): Promise<void> {
    world.time.advance(DAY_MS)
    expect((await storage.sweep()).reservations).to.equal(model.open.size)
    model.open.clear()
  }
  toString = () => 'a day passes'
}

class Restart implements fc.AsyncCommand<Model, Real> {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    await real.storage.close()
    real.storage = await real.world.open()
    expect(real.storage.reservations.open).to.equal(model.open.size)
  }
  toString = () => 'restart'
}

const fill = fc.integer({ min: 1, max: 9 })
const COMMANDS = [
  fill.map((value) => new Reserve(value)),
  fill.map((value) => new Reserve(value)),
  fill.map((value) => new Release(value)),
  fill.map((value) => new Keep(value)),
  fc.constant(new ReserveTogether()),
  fc.constant(new Expire()),
  fc.constant(new Restart()),
]

import { expect } from 'chai'
import fc from 'fast-check'
import { OrlopError } from '@orlop/protocol/errors'
import type { RecordItem } from '@orlop/protocol/ledger'
import type { NodeStorage } from '../storage/interfaces.ts'
import { TestWorld, keyFor } from '../storage/testkit/test-world.ts'
import type { OutboxEvent } from './outbox-event.ts'

type Kind = OutboxEvent['kind']

/** Resolves with the next event of a kind. */
function next(storage: NodeStorage, kind: Kind): Promise<OutboxEvent> {
  return new Promise((resolve) => {
    const end = storage.outbox.subscribe((event) => {
      if (event.kind !== kind) return
      end()
      resolve(event)
    })
  })
}

async function recordedSequences(world: TestWorld): Promise<number[]> {
  const sequences = []
  for await (const { sequence } of world.chain.receipts({ nodeId: 1 })) sequences.push(sequence)
  return sequences
}

describe('receipt outbox', () => {
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

  const stateOf = async (fill: number) => (await storage.strips.find(keyFor(fill)))?.state

  it('records receipts together when the oldest has waited two seconds', async () => {
    const waiting = world.time.nextWait()
    await storage.outbox.start()
    await waiting
    const batching = world.time.nextWait()
    await world.store(storage, 1)
    expect(await batching).to.equal(2000)
    world.time.advance(1000)
    await world.store(storage, 2)
    const recorded = next(storage, 'recorded')
    world.time.advance(1000)
    await recorded
    await storage.outbox.stop()
    expect(await recordedSequences(world)).to.deep.equal([0, 1])
    expect((await world.chain.head()).blockNumber).to.equal(world.baseBlocks + 1)
  })

  it('does not wait for age when a batch is full', async () => {
    await storage.close()
    storage = await world.open({ outbox: { batchReceipts: 2 } })
    await storage.outbox.start()
    const recorded = next(storage, 'recorded')
    await world.store(storage, 1)
    await world.store(storage, 2)
    await recorded
    await storage.outbox.stop()
    expect(await recordedSequences(world)).to.deep.equal([0, 1])
  })

  it('never sends more than a transaction takes', async () => {
    const sizes: number[] = []
    const ledger = Object.assign(Object.create(world.chain) as typeof world.chain, {
      record: (items: RecordItem[]) => {
        sizes.push(items.length)
        return world.chain.record(items)
      },
      inclusion: (hash: string) => world.chain.inclusion(hash),
    })
    await storage.close()
    storage = await world.open({ outbox: { maxBatchReceipts: 3 } }, { ledger })
    for (let fill = 1; fill <= 7; fill++) await world.store(storage, fill)
    await storage.outbox.flush()
    expect(sizes).to.deep.equal([3, 3, 1])
  })

  it('lets go of a receipt only when it is final, and says so at each step', async () => {
    const kinds: Kind[] = []
    storage.outbox.subscribe(({ kind }) => kinds.push(kind))
    await world.store(storage, 1)
    expect(await stateOf(1)).to.equal('stored')
    await storage.outbox.flush()
    expect(await stateOf(1)).to.equal('recorded')
    world.ledger.mineBlocks(2)
    await storage.outbox.flush()
    expect([await stateOf(1), storage.outbox.waiting]).to.deep.equal(['recorded', 1])
    world.ledger.mineBlocks(1)
    await storage.outbox.flush()
    expect([await stateOf(1), storage.outbox.waiting]).to.deep.equal(['final', 0])
    expect(kinds).to.deep.equal(['recorded', 'final'])
  })

  it('backs off from a ledger that is away, up to a ceiling, and catches up', async () => {
    await storage.close()
    storage = await world.open({ outbox: { backoff: { startMs: 1000, ceilingMs: 4000 } } })
    await world.store(storage, 1)
    world.time.advance(5000)
    world.ledger.setOutage(true)
    const delays = []
    let waiting = world.time.nextWait()
    await storage.outbox.start()
    for (let round = 0; round < 5; round++) {
      const delayMs = await waiting
      delays.push(delayMs)
      waiting = world.time.nextWait()
      if (round === 4) world.ledger.setOutage(false)
      world.time.advance(delayMs)
    }
    // The random source of this world gives 0: half of the full delay.
    expect(delays).to.deep.equal([500, 1000, 2000, 2000, 2000])
    await waiting
    await storage.outbox.stop()
    expect(await stateOf(1)).to.equal('recorded')
  })

  it('leaves a ledger that is away alone while it backs off, whatever comes in', async () => {
    await storage.close()
    const ledger = flaky(world)
    storage = await world.open({ outbox: { batchReceipts: 1 } }, { ledger })
    world.ledger.setOutage(true)
    await world.store(storage, 1)
    const waiting = world.time.nextWait()
    await storage.outbox.start()
    const delayMs = await waiting
    for (const fill of [2, 3, 4]) await world.store(storage, fill)
    const recorded = next(storage, 'recorded')
    const again = world.time.nextWait()
    world.time.advance(delayMs)
    await again
    expect(ledger.attempts).to.equal(2)
    world.ledger.setOutage(false)
    world.time.advance(60_000)
    await recorded
  })

  it('puts a receipt again that the ledger lost, also after a restart', async () => {
    await world.store(storage, 1)
    await storage.outbox.flush()
    world.ledger.dropBlocks(1)
    expect(await recordedSequences(world)).to.deep.equal([])
    await storage.close()
    storage = await world.open()
    const lost = next(storage, 'lost')
    await storage.outbox.flush()
    await lost
    expect(await stateOf(1)).to.equal('stored')
    await storage.outbox.flush()
    world.ledger.mineBlocks(3)
    await storage.outbox.flush()
    expect(await stateOf(1)).to.equal('final')
    expect(await recordedSequences(world)).to.deep.equal([0])
  })

  it('follows the transaction of somebody else who put the receipt back', async () => {
    const { commit, ack } = await world.store(storage, 1)
    await storage.outbox.flush()
    world.ledger.dropBlocks(1)
    await world.chain.record([{ commit, ack }])
    const before = (await world.chain.head()).blockNumber
    await storage.outbox.flush()
    world.ledger.mineBlocks(3)
    await storage.outbox.flush()
    expect(await stateOf(1)).to.equal('final')
    expect((await world.chain.head()).blockNumber).to.equal(before + 3)
  })

  it('keeps the others going when the contract leaves one out, and keeps the reason', async () => {
    const expiring = world.offer(1).message.expiry
    await world.store(storage, 1)
    world.time.advance(expiring * 1000 - world.time.nowMs() + 1000)
    await world.store(storage, 2)
    const rejected = next(storage, 'rejected')
    await storage.outbox.flush()
    expect(await rejected).to.include({ sequence: 0, reason: 'Expired', willRetry: false })
    expect(await stateOf(2)).to.equal('recorded')
    expect((await storage.strips.find(keyFor(1)))?.rejection).to.equal('Expired')
    expect(storage.outbox.waiting).to.equal(1)
    await storage.close()
    storage = await world.open()
    expect(storage.outbox.waiting).to.equal(1)
  })

  it('tries again when the ledger forgot client and node and learns of them anew', async () => {
    await world.store(storage, 1)
    await storage.outbox.flush()
    world.ledger.dropBlocks(100)
    await storage.outbox.flush()
    const rejected = next(storage, 'rejected')
    await storage.outbox.flush()
    expect(await rejected).to.include({ reason: 'UnknownNode', willRetry: true })
    await world.register()
    world.time.advance(60_000)
    await storage.outbox.flush()
    expect(await stateOf(1)).to.equal('recorded')
    expect((await storage.strips.find(keyFor(1)))?.rejection).to.equal(undefined)
  })

  it('says no word of success when another receipt has the number', async () => {
    const foreign = world.signCommit(keyFor(9), { sequence: 0, streamBytes: 5 })
    await world.chain.record([{ commit: foreign }])
    await world.store(storage, 1)
    const rejected = next(storage, 'rejected')
    await storage.outbox.flush()
    expect(await rejected).to.include({ reason: 'AlreadyRecorded', willRetry: false })
  })

  it('loses nothing and records nothing twice under outages, lost blocks and restarts', async function () {
    this.timeout(120_000)
    await storage.close()
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), survives), {
      numRuns: 25,
    })
    storage = await world.open()
  })
})

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('store' as const) },
  { weight: 4, arbitrary: fc.constant('round' as const) },
  { weight: 2, arbitrary: fc.constant('mine' as const) },
  { weight: 1, arbitrary: fc.constant('outage' as const) },
  { weight: 1, arbitrary: fc.constant('back' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  { weight: 1, arbitrary: fc.constant('answer lost' as const) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One life of a node: every strip it acknowledged ends final on the ledger, once. */
async function survives(steps: Step[]): Promise<void> {
  const world = await TestWorld.create(3)
  const ledger = flaky(world)
  const run = new Life(world, ledger, await world.open({}, { ledger }))
  for (const step of steps) await run.take(step)
  await run.settle()
  await run.storage.close()
  await world.destroy()
}

/** The ledger, whose answer to `record` can get lost after it did the work. */
function flaky(world: TestWorld) {
  const chain = world.chain
  return {
    losesAnswer: false,
    attempts: 0,
    head: chain.head.bind(chain),
    node: chain.node.bind(chain),
    isRecorded: chain.isRecorded.bind(chain),
    inclusion: chain.inclusion.bind(chain),
    receipts: chain.receipts.bind(chain),
    registerClient: chain.registerClient.bind(chain),
    rotateSigner: chain.rotateSigner.bind(chain),
    rate: chain.rate.bind(chain),
    anchorEnvelope: chain.anchorEnvelope.bind(chain),
    extend: chain.extend.bind(chain),
    remove: chain.remove.bind(chain),
    client: chain.client.bind(chain),
    clientBySigner: chain.clientBySigner.bind(chain),
    async record(items: RecordItem[]) {
      this.attempts += 1
      const result = await chain.record(items)
      if (!this.losesAnswer) return result
      this.losesAnswer = false
      throw new OrlopError('LEDGER_UNREACHABLE', 'the answer got lost')
    },
  }
}

class Life {
  readonly world: TestWorld
  readonly ledger: ReturnType<typeof flaky>
  storage: NodeStorage
  #stored = 0
  #isOut = false
  #finalBlock: number

  constructor(world: TestWorld, ledger: ReturnType<typeof flaky>, storage: NodeStorage) {
    this.world = world
    this.ledger = ledger
    this.storage = storage
    this.#finalBlock = world.baseBlocks
  }

  async take(step: Step): Promise<void> {
    await this.#noteFinal()
    if (typeof step === 'number') await this.#drop(step)
    else if (step === 'store') await this.world.store(this.storage, ++this.#stored)
    else if (step === 'round') await this.round()
    else if (step === 'mine') this.world.ledger.mineBlocks(1)
    else if (step === 'restart') await this.#restart()
    else if (step === 'answer lost') this.ledger.losesAnswer = true
    else this.#setOutage(step === 'outage')
  }

  async round(): Promise<void> {
    await this.storage.outbox.flush().catch((error: unknown) => {
      if (!(error instanceof OrlopError) || error.code !== 'LEDGER_UNREACHABLE') throw error
    })
  }

  async settle(): Promise<void> {
    this.#setOutage(false)
    for (let round = 0; round < 6; round++) {
      await this.round()
      this.world.ledger.mineBlocks(2)
    }
    expect(this.storage.outbox.waiting).to.equal(0)
    for (let fill = 1; fill <= this.#stored; fill++) {
      expect((await this.storage.strips.find(keyFor(fill)))?.state).to.equal('final')
    }
    const sequences = await recordedSequences(this.world)
    expect(sequences.sort((a, b) => a - b)).to.deep.equal([...Array(this.#stored).keys()])
  }

  async #restart(): Promise<void> {
    await this.storage.close()
    this.storage = await this.world.open({}, { ledger: this.ledger })
  }

  /** Once three blocks stand on a block, this ledger may not lose it. */
  async #noteFinal(): Promise<void> {
    if (this.#isOut) return
    const { blockNumber } = await this.world.chain.head()
    this.#finalBlock = Math.max(this.#finalBlock, blockNumber - 3)
  }

  /** Loses blocks that are not final. */
  async #drop(count: number): Promise<void> {
    if (this.#isOut) return
    const { blockNumber } = await this.world.chain.head()
    this.world.ledger.dropBlocks(Math.min(count, blockNumber - this.#finalBlock))
  }

  #setOutage(isOut: boolean): void {
    this.#isOut = isOut
    this.world.ledger.setOutage(isOut)
  }
}

import { addressOfKey, collect, testKey, testProfile } from '@orlop/contracts/chain-client.fixture'
import { MemoryLedgerReader } from '@orlop/contracts/memory-ledger-reader'
import { isOrlopError } from '@orlop/protocol/errors'
import { expect } from 'chai'
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExplorerIndex } from './explorer-index.ts'
import { allAnswers } from './index-answers.fixture.ts'
import { IN_MEMORY } from './index-file.ts'
import { IndexedLedger, TEST_START_MS } from './indexed-ledger.fixture.ts'
import { LedgerFollower } from './ledger-follower.ts'

/** What may happen to a ledger and to those who follow it. */
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('record' as const), by: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('rate' as const), by: fc.nat(40) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constantFrom(
        'extend' as const,
        'remove' as const,
        'move' as const,
        'envelope' as const,
      ),
      by: fc.nat(7),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constantFrom('judge' as const, 'register' as const),
      by: fc.nat(11),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('lose' as const), by: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('age' as const), by: fc.nat(90) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('follow' as const), by: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('die' as const), by: fc.nat(12) }) },
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/** A history under way. */
class History {
  readonly at: IndexedLedger
  /** The block with the last registration. */
  admittedAt = 0
  #sequence = 0

  constructor(path: string) {
    this.at = new IndexedLedger({ path })
  }

  async happen({ act, by }: Happening): Promise<void> {
    const { at } = this
    switch (act) {
      case 'record':
        return this.#record(by)
      case 'lose':
        // Seldom the registrations too: nothing is taken any more then.
        at.ledger.dropBlocks(
          by === 6 ? by : Math.min(by, Math.max(0, at.ledger.head().blockNumber - this.admittedAt)),
        )
        return
      case 'age':
        at.ledger.advanceTime(by * 1000)
        at.ledger.mineBlocks(1)
        return
      case 'follow':
        return this.#follow(by + 1, Infinity)
      case 'die':
        return this.#follow(1, by)
      case 'judge':
        await this.#judge(by).catch(ignoreRefusal)
        return
      case 'register':
        await this.#register(by).catch(ignoreRefusal)
        return
      case 'rate':
      case 'extend':
      case 'remove':
      case 'move':
      case 'envelope':
        await this.#keep(act, by).catch(ignoreRefusal)
    }
  }

  /** Follows with little steps, and dies after reading so many logs: what it had begun stays in the file. */
  async #follow(sliceLogs: number, diesAfterLogs: number): Promise<void> {
    const { at } = this
    const ledger = new MemoryLedgerReader(at.ledger)
    const receipts = ledger.receipts.bind(ledger)
    let read = 0
    ledger.receipts = async function* (filter, options) {
      for await (const receipt of receipts(filter, options)) {
        if (read++ >= diesAfterLogs) throw new Error('dies here')
        yield receipt
      }
    }
    const parts = { ledger, index: at.index, sliceLogs, stepBlocks: 3 }
    await new LedgerFollower(parts).catchUp().catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'dies here') throw error
      at.reopen()
    })
  }

  async #record(by: number): Promise<void> {
    const expiry = TEST_START_MS / 1000 + (by < 2 ? 60 : 100_000)
    const common = { nodeId: (by % 2) + 1, objectId: testKey(0xaa + (by % 3)), expiry }
    const changes = Array.from({ length: (by % 3) + 1 }, (_, index) => ({
      ...{ ...common, index: index % 2, classCode: by },
      sequence: this.#sequence++,
    }))
    await this.at.record(...changes).catch(ignoreRefusal)
  }

  /** A node objects to a rating, or the steward decides on one. */
  async #judge(by: number): Promise<unknown> {
    const { at } = this
    const ratings = await collect(at.on.steward.ratingEvents({}))
    const about = ratings[by % Math.max(1, ratings.length)]
    if (about === undefined) return null
    const node = at.on.nodeKeys[about.nodeId === 1 ? 0 : 1]
    if (by % 3 === 0) return at.byHand(node).appeal(about, testKey(by + 1))
    return by % 3 === 1 ? at.byHand().annul(about, 'why') : at.byHand().dismiss(about, 'why')
  }

  async #register(by: number): Promise<unknown> {
    const { on } = this.at
    const node = on.nodes[by % 2 === 0 ? 0 : 1]
    if (by < 4) return node.heartbeat(by)
    if (by < 6) return node.updateNode(testProfile({ name: `A0${(by % 2) + 1}`, region: `R${by}` }))
    if (by < 8) return this.at.byHand().setTier(1, by === 6 ? 'light' : 'heavy', 'asked')
    if (by < 10) return on.steward.setMaster((by % 2) + 1)
    return on.nodes[0].registerClient(
      on.registration({ signer: addressOfKey(testKey(60 + by)) }, testKey(60 + by)),
    )
  }

  async #keep(
    act: 'rate' | 'extend' | 'remove' | 'move' | 'envelope',
    by: number,
  ): Promise<unknown> {
    const { on } = this.at
    const objectId = testKey(0xaa + (by % 3))
    const fromSequence = by % 4
    if (act === 'rate') {
      const score = (by % 5) + 1
      for await (const { nodeId, sequence } of on.steward.receipts({})) {
        if (sequence % 9 !== by % 9) continue
        return on.steward.rate(on.rating({ nodeId, sequence, score, causeCode: 2 }))
      }
      return null
    }
    if (act === 'extend')
      return on.steward.extend(on.extend(by % 2, TEST_START_MS / 1000 + 200_000 + by))
    if (act === 'remove') return on.steward.remove(on.remove(by < 6 ? by % 2 : 255))
    if (act === 'envelope') return on.steward.anchorEnvelope(on.envelope(by, objectId))
    return on.steward.move(on.move({ objectId, fromSequence, toSequence: 500 + by }))
  }
}

function ignoreRefusal(error: unknown): void {
  if (!isOrlopError(error, 'LEDGER_REJECTED')) throw error
}

describe('LedgerFollower, whatever happens', () => {
  it('ends with what an index says that reads the ledger once, from the start', async function () {
    this.timeout(120_000)
    const folder = mkdtempSync(join(tmpdir(), 'orlop-index-'))
    let runs = 0
    const property = fc.asyncProperty(
      fc.array(happening, { minLength: 10, maxLength: 50, size: 'max' }),
      async (happenings) => {
        const history = new History(join(folder, `${++runs}.db`))
        const { at } = history
        await at.on.admitAll()
        history.admittedAt = at.ledger.head().blockNumber
        for (const each of happenings) await history.happen(each)
        await at.follower.catchUp()
        const fresh = new ExplorerIndex({ path: IN_MEMORY, deployment: at.ledger.deployment })
        await new LedgerFollower({ ledger: at.on.steward, index: fresh }).catchUp()
        expect(allAnswers(at.index)).to.deep.equal(allAnswers(fresh))
        const nodes = await at.on.steward.nodes()
        expect(
          at.index.nodes({}).items.map(({ recomputedMillionths }) => recomputedMillionths),
        ).to.deep.equal(nodes.map(({ creditMillionths }) => creditMillionths))
        at.index.close()
      },
    )
    try {
      await fc.assert(property, { numRuns: 30, seed: 20_261_122 })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

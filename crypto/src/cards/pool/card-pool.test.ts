import { expect } from 'chai'

import { expectRejection } from '../../testing/expect-error.ts'
import { FakePoolClock, settle } from '../../testing/fake-pool-clock.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import type { CryptoCard } from '../card.ts'
import {
  CardAbsentError,
  CardBusyError,
  CardClosedError,
  CardFailureError,
  CardLostError,
  CardPinError,
  CardSelfTestError,
} from '../card-errors.ts'
import { CardPool, type CardPoolOptions } from './card-pool.ts'
import type { PoolAlert } from './pool-events.ts'
import type { CardSource } from './pooled-card.ts'

/** A device that counts, and fails when told to. */
class FakeSource implements CardSource {
  readonly name: string
  readonly maxConcurrent: number
  readonly algorithms: readonly CardAlgorithm[]
  opens = 0
  closes = 0
  selfTests = 0
  /** What the next openings and self-tests do instead of succeeding. */
  openFailure: Error | null = null
  testFailure: Error | null = null

  constructor(name: string, maxConcurrent = 2, algorithms: readonly CardAlgorithm[] = ['sm3']) {
    this.name = name
    this.maxConcurrent = maxConcurrent
    this.algorithms = algorithms
  }

  open(): Promise<CryptoCard> {
    this.opens++
    if (this.openFailure !== null) return Promise.reject(this.openFailure)
    const card: Partial<CryptoCard> = {
      info: () => ({
        name: this.name,
        driver: 'software',
        manufacturer: '',
        model: '',
        serial: '',
        version: '',
        algorithms: this.algorithms,
        composed: [],
        refused: [],
      }),
      selfTest: () => {
        this.selfTests++
        return this.testFailure === null ? Promise.resolve() : Promise.reject(this.testFailure)
      },
      close: () => {
        this.closes++
        return Promise.resolve()
      },
    }
    return Promise.resolve(card as CryptoCard)
  }
}

/** Work that lasts until it is told to end, and tells on which card it is. */
class HeldWork {
  readonly #end = Promise.withResolvers<undefined>()
  card: string | null = null
  readonly run = async (card: CryptoCard): Promise<string> => {
    this.card = card.info().name
    await this.#end.promise
    return this.card
  }
  end(error?: Error): void {
    if (error === undefined) this.#end.resolve(undefined)
    else this.#end.reject(error)
  }
}

const lost = (card: string) => new CardLostError(card, 'unplugged')
const request = { appId: 'ship', algorithms: ['sm3'] } as const

describe('the pool of cards', () => {
  let clock: FakePoolClock
  let alerts: PoolAlert[]
  let pool: CardPool

  const makePool = (options: Partial<CardPoolOptions> = {}) =>
    new CardPool({
      name: 'fleet',
      defaultQuota: { maxConcurrent: 100, maxWaiting: 100 },
      clock,
      onAlert: (alert) => alerts.push(alert),
      ...options,
    })

  /** Adds cards that are open when this is done. */
  const add = async (...sources: FakeSource[]) => {
    for (const source of sources) pool.add(source)
    await settle()
    return sources
  }

  const kinds = () => alerts.map(({ kind }) => kind)

  beforeEach(() => {
    clock = new FakePoolClock()
    alerts = []
    pool = makePool()
  })

  afterEach(async () => {
    await pool.close()
    expect(clock.pending, 'timers left').to.equal(0)
  })

  const hold = (count: number, more: object = {}) => {
    const works = Array.from({ length: count }, () => new HeldWork())
    const results = works.map((work) => pool.run({ ...request, ...more }, work.run))
    return { works, results }
  }

  it('gives work to the card with the least load for its size', async () => {
    await add(new FakeSource('small', 2), new FakeSource('large', 4))
    const { works, results } = hold(6)
    await settle()
    const on = (name: string) => works.filter(({ card }) => card === name).length
    expect([on('small'), on('large')]).to.deep.equal([2, 4])
    for (const work of works) work.end()
    await Promise.all(results)
    const [small] = pool.metrics().cards
    expect(small).to.include({ name: 'small', state: 'ready', underWay: 0, completed: 2 })
  })

  it('lets work wait in its order, never more on a card than it takes', async () => {
    await add(new FakeSource('only', 1))
    const { works, results } = hold(3)
    await settle()
    expect(works.map(({ card }) => card)).to.deep.equal(['only', null, null])
    expect(pool.metrics()).to.include({ waiting: 2 })
    works[0]!.end()
    await settle()
    expect(works.map(({ card }) => card)).to.deep.equal(['only', 'only', null])
    works[1]!.end()
    works[2]!.end()
    await Promise.all(results)
    expect(pool.metrics()).to.deep.include({ waiting: 0, applications: [] })
  })

  it('takes only cards that have every algorithm asked for', async () => {
    await add(new FakeSource('hashes', 4), new FakeSource('ciphers', 1, ['sm3', 'sm4-cbc']))
    const algorithms = ['sm3', 'sm4-cbc'] as const
    const { works, results } = hold(2, { algorithms })
    await settle()
    expect(works.map(({ card }) => card)).to.deep.equal(['ciphers', null])
    for (const work of works) work.end()
    expect(await Promise.all(results)).to.deep.equal(['ciphers', 'ciphers'])
    const error = await expectRejection(CardAbsentError, () =>
      pool.run({ ...request, algorithms: ['sm2-sm3'] }, () => Promise.resolve()),
    )
    expect(error.message).to.contain('sm2-sm3').and.contain('hashes is ready')
  })

  it('stops waiting when the signal fires', async () => {
    await add(new FakeSource('only', 1))
    const { works, results } = hold(1)
    const controller = new AbortController()
    const waiting = expectRejection(Error, () =>
      pool.run({ ...request, signal: controller.signal }, () => Promise.resolve()),
    )
    await settle()
    const reason = new Error('no longer wanted')
    controller.abort(reason)
    expect(await waiting).to.equal(reason)
    expect(pool.metrics().waiting).to.equal(0)
    works[0]!.end()
    await Promise.all(results)
  })

  describe('quotas', () => {
    it('hold one application back and leave the others the cards', async () => {
      const quotas = new Map([['greedy', { maxConcurrent: 1, maxWaiting: 2 }]])
      pool = makePool({ quotas })
      await add(new FakeSource('only', 3))
      const greedy = hold(3, { appId: 'greedy' })
      const modest = hold(2, { appId: 'modest' })
      await settle()
      expect(greedy.works.map(({ card }) => card)).to.deep.equal(['only', null, null])
      expect(modest.works.map(({ card }) => card)).to.deep.equal(['only', 'only'])
      const error = await expectRejection(CardBusyError, () =>
        pool.run({ ...request, appId: 'greedy' }, () => Promise.resolve()),
      )
      expect(error.message).to.contain('greedy')
      expect(pool.metrics()).to.deep.include({
        refused: 1,
        applications: [
          { appId: 'greedy', underWay: 1, waiting: 2 },
          { appId: 'modest', underWay: 2, waiting: 0 },
        ],
      })
      for (const work of [...greedy.works, ...modest.works]) work.end()
      await Promise.all([...greedy.results, ...modest.results])
    })

    it('refuse applications without one where there is none by default', async () => {
      pool = makePool({ defaultQuota: null })
      await add(new FakeSource('only'))
      const error = await expectRejection(CardBusyError, () =>
        pool.run(request, () => Promise.resolve()),
      )
      expect(error.message).to.contain('ship has no quota')
    })

    it('bound the whole queue, and tell when it grows long and short again', async () => {
      pool = makePool({ maxWaiting: 3, longQueue: 2 })
      await add(new FakeSource('only', 1))
      const { works, results } = hold(4)
      await settle()
      await expectRejection(CardBusyError, () => pool.run(request, () => Promise.resolve()))
      expect(alerts).to.deep.equal([{ kind: 'queue-long', waiting: 2 }])
      for (const work of works) work.end()
      await Promise.all(results)
      expect(kinds()).to.deep.equal(['queue-long', 'queue-short'])
    })
  })

  describe('a card that goes away', () => {
    it('is set aside, and its work fails unless it may be repeated', async () => {
      const [first] = await add(new FakeSource('first', 1), new FakeSource('second', 1))
      const once = hold(1)
      const again = hold(1, { isRepeatable: true })
      await settle()
      expect(again.works[0]!.card).to.equal('second')
      once.works[0]!.end(lost('first'))
      expect(await expectRejection(CardLostError, () => once.results[0]!)).to.be.an('error')
      expect(kinds()).to.deep.equal(['card-quarantined'])
      expect(first!.closes).to.equal(1)
      expect(pool.metrics().cards[0]).to.include({ state: 'quarantined', failed: 1 })
      again.works[0]!.end()
      await again.results[0]
    })

    it('has its repeatable work done by another', async () => {
      await add(new FakeSource('first', 1), new FakeSource('second', 1))
      const tried: string[] = []
      const result = await pool.run({ ...request, isRepeatable: true }, (card) => {
        tried.push(card.info().name)
        return tried.length === 1 ? Promise.reject(lost('first')) : Promise.resolve('done')
      })
      expect(result).to.equal('done')
      expect(tried).to.deep.equal(['first', 'second'])
    })

    it('is opened again after longer and longer pauses, and then serves', async () => {
      const [card] = await add(new FakeSource('only', 1))
      card!.openFailure = new CardAbsentError('only', 'still unplugged')
      await expectRejection(CardLostError, () =>
        pool.run(request, () => Promise.reject(lost('only'))),
      )
      for (const [pauseMs, opens] of [
        [999, 1],
        [1, 2],
        [1999, 2],
        [1, 3],
        [3999, 3],
      ] as const) {
        await clock.pass(pauseMs)
        expect(card!.opens, `after ${String(pauseMs)} ms more`).to.equal(opens)
      }
      const refused = await expectRejection(CardAbsentError, () =>
        pool.run(request, () => Promise.resolve()),
      )
      expect(refused.message).to.contain('only is quarantined').and.contain('still unplugged')
      card!.openFailure = null
      await clock.pass(1)
      expect(kinds().at(-1)).to.equal('card-returned')
      expect(await pool.run(request, () => Promise.resolve('served'))).to.equal('served')
    })

    it('leaves nobody waiting when no other can do the work', async () => {
      await add(new FakeSource('only', 1))
      const { works, results } = hold(2)
      await settle()
      const failing = expectRejection(CardLostError, () => results[0]!)
      const waiting = expectRejection(CardAbsentError, () => results[1]!)
      works[0]!.end(lost('only'))
      await failing
      await waiting
    })

    it('is not opened again when its PIN is refused', async () => {
      const source = new FakeSource('pinned')
      const wrong = { reason: 'wrong', remainingTries: 2 } as const
      source.openFailure = new CardPinError('pinned', wrong, 'the PIN is wrong')
      await add(source)
      expect(kinds()).to.deep.equal(['card-failed'])
      await clock.pass(86_400_000)
      expect(source.opens).to.equal(1)
      const error = await expectRejection(CardAbsentError, () =>
        pool.run(request, () => Promise.resolve()),
      )
      expect(error.message).to.contain('pinned is failed').and.contain('the PIN is wrong')
    })
  })

  describe('health', () => {
    it('is asked about regularly; a card that answers wrongly is set aside', async () => {
      const [card] = await add(new FakeSource('only'))
      await clock.pass(60_000)
      await clock.pass(60_000)
      expect(card!.selfTests).to.equal(2)
      expect(alerts).to.deep.equal([])
      card!.testFailure = new CardSelfTestError('only', 'GB/T 32905-2016 A.1', 'sm3 is wrong')
      await clock.pass(60_000)
      expect(alerts).to.deep.equal([
        { kind: 'card-quarantined', card: 'only', error: card!.testFailure },
      ])
      card!.testFailure = null
      await clock.pass(1_000)
      expect(kinds()).to.deep.equal(['card-quarantined', 'card-returned'])
      expect(card!.opens).to.equal(2)
    })

    it('is not doubted when a card has no time to answer', async () => {
      const [card] = await add(new FakeSource('only'))
      card!.testFailure = new CardBusyError('only', 'full')
      await clock.pass(60_000)
      expect(alerts).to.deep.equal([])
      await clock.pass(60_000)
      expect(card!.selfTests).to.equal(2)
    })

    it('is asked about at once when an operation fails', async () => {
      const [card] = await add(new FakeSource('only'))
      const failure = new CardFailureError('only', { operation: 'C_Sign', status: 5 }, 'failed')
      const fail = () =>
        expectRejection(CardFailureError, () => pool.run(request, () => Promise.reject(failure)))
      await fail()
      await settle()
      expect(card!.selfTests).to.equal(1)
      expect(pool.metrics().cards[0]?.state).to.equal('ready')
      card!.testFailure = lost('only')
      await fail()
      await settle()
      expect(pool.metrics().cards[0]?.state).to.equal('quarantined')
    })

    it('is not doubted for an error of the work itself', async () => {
      const [card] = await add(new FakeSource('only'))
      await expectRejection(TypeError, () =>
        pool.run(request, () => Promise.reject(new TypeError('misuse'))),
      )
      expect(card!.selfTests).to.equal(0)
    })
  })

  describe('cards that come and leave', () => {
    it('serves those who wait with a card that is added', async () => {
      await add(new FakeSource('first', 1))
      const { works, results } = hold(2)
      await settle()
      await add(new FakeSource('second', 1))
      expect(works.map(({ card }) => card)).to.deep.equal(['first', 'second'])
      for (const work of works) work.end()
      await Promise.all(results)
    })

    it('lets work wait for a card that is being opened for the first time', async () => {
      pool.add(new FakeSource('first'))
      expect(await pool.run(request, (card) => Promise.resolve(card.info().name))).to.equal('first')
    })

    it('closes a card that is removed when its work has ended', async () => {
      const [first] = await add(new FakeSource('first', 1), new FakeSource('second', 1))
      const { works, results } = hold(1)
      await settle()
      const removed = pool.remove('first')
      await settle()
      expect(first!.closes).to.equal(0)
      expect(await pool.run(request, (card) => Promise.resolve(card.info().name))).to.equal(
        'second',
      )
      works[0]!.end()
      await removed
      expect(first!.closes).to.equal(1)
      await Promise.all(results)
      await pool.remove('first')
      await add(new FakeSource('first', 1))
      expect(pool.metrics().cards).to.have.length(2)
    })

    it('closes a card that finishes opening after it was removed', async () => {
      const source = new FakeSource('late')
      pool.add(source)
      await pool.remove('late')
      expect([source.opens, source.closes]).to.deep.equal([1, 1])
    })

    it('calls a second card of a name, and sizes out of bounds, misuse', async () => {
      await add(new FakeSource('first'))
      expect(() => pool.add(new FakeSource('first'))).to.throw(RangeError, 'first')
      expect(() => pool.add(new FakeSource('none', 0))).to.throw(RangeError, 'maxConcurrent')
    })

    it('refuses who waits when it is closed, and lets work end', async () => {
      const [card] = await add(new FakeSource('only', 1))
      const { works, results } = hold(2)
      await settle()
      const waiting = expectRejection(CardClosedError, () => results[1]!)
      const closing = pool.close()
      await waiting
      expect(card!.closes).to.equal(0)
      works[0]!.end()
      await closing
      expect(await results[0]).to.equal('only')
      expect(card!.closes).to.equal(1)
      await expectRejection(CardClosedError, () => pool.run(request, () => Promise.resolve()))
      expect(() => pool.add(new FakeSource('x'))).to.throw(CardClosedError)
    })
  })

  it('finishes everything through cards that come, fail and return, within their limits', async () => {
    const sources = await add(
      new FakeSource('a', 2),
      new FakeSource('b', 3),
      new FakeSource('c', 1),
    )
    const underWay = new Map<string, number>()
    let round = 0
    const work = async (card: CryptoCard) => {
      const { name } = card.info()
      const source = sources.find((one) => one.name === name)!
      underWay.set(name, (underWay.get(name) ?? 0) + 1)
      expect(underWay.get(name)).to.be.at.most(source.maxConcurrent)
      await settle()
      underWay.set(name, underWay.get(name)! - 1)
      if (name !== 'c' && ++round % 7 === 0) throw lost(name)
      return name
    }
    const results = Array.from({ length: 90 }, () =>
      pool.run({ ...request, isRepeatable: true }, work),
    )
    const ended = Promise.all(results)
    while (pool.metrics().waiting > 0 || pool.metrics().applications.length > 0) {
      await clock.pass(500)
    }
    expect(await ended).to.have.length(90)
    expect(kinds()).to.include.members(['card-quarantined', 'card-returned'])
  })
})

import { assertInteger } from '../../bytes.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import type { CryptoCard } from '../card.ts'
import { CardAbsentError, CardBusyError, CardClosedError, CardLostError } from '../card-errors.ts'
import { type PoolClock, systemClock } from './pool-clock.ts'
import type { PoolAlert, PoolMetrics } from './pool-events.ts'
import { type CardCare, type CardSource, PooledCard } from './pooled-card.ts'

/** How much of a pool one application may use. */
export interface ApplicationQuota {
  /** Work of it at a time, at least 1. */
  readonly maxConcurrent: number
  /** Work of it that may wait, from 0. */
  readonly maxWaiting: number
}

export interface CardPoolOptions {
  /** Names the pool in messages. */
  readonly name: string
  /** For applications that `quotas` does not name; null refuses them. */
  readonly defaultQuota: ApplicationQuota | null
  readonly quotas?: ReadonlyMap<string, ApplicationQuota>
  /** Work that may wait in all, 0 to 65 536; 4096 when left out. */
  readonly maxWaiting?: number
  /** Waiting work at which `queue-long` is told; 256 when left out. */
  readonly longQueue?: number
  readonly care?: Partial<CardCare>
  readonly clock?: PoolClock
  /** Told at once; must not throw. */
  readonly onAlert?: (alert: PoolAlert) => void
}

/** What work needs. */
export interface WorkRequest {
  readonly appId: string
  /** The card must have all of them. */
  readonly algorithms: readonly CardAlgorithm[]
  /** Whether the work may be begun again on another card when its card goes away; false when left out. */
  readonly isRepeatable?: boolean
  /** Ends the wait for a card; work that has begun gets to its end. */
  readonly signal?: AbortSignal
}

/** A place on a card, kept for work that begins now. */
interface Place {
  readonly pooled: PooledCard
  readonly card: CryptoCard
}

interface Waiter {
  readonly request: WorkRequest
  readonly resolve: (place: Place) => void
  readonly reject: (reason: Error) => void
}

interface Application {
  readonly quota: ApplicationQuota
  underWay: number
  waiting: number
}

const DEFAULT_CARE: CardCare = {
  healthIntervalMs: 60_000,
  firstRetryMs: 1_000,
  longestRetryMs: 300_000,
}
const MAX_CONCURRENT_PER_CARD = 256

/**
 * Several cards as one resource. Work goes to the card with the least load; a card that fails is set aside
 * and comes back by itself when it passes its self-test. A unit of work stays on its card, because keys do:
 * it brings in its key, uses it and destroys it.
 */
export class CardPool {
  readonly #options: CardPoolOptions
  readonly #clock: PoolClock
  readonly #maxWaiting: number
  readonly #longQueue: number
  readonly #cards = new Map<string, PooledCard>()
  readonly #waiting = new Set<Waiter>()
  readonly #applications = new Map<string, Application>()
  #refused = 0
  #isQueueLong = false
  #isClosed = false

  /** @throws TypeError or RangeError when a number is out of bounds */
  constructor(options: CardPoolOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#maxWaiting = options.maxWaiting ?? 4096
    this.#longQueue = options.longQueue ?? 256
    assertInteger('maxWaiting', this.#maxWaiting, { min: 0, max: 65_536 })
    assertInteger('longQueue', this.#longQueue, { min: 1, max: 65_536 })
  }

  /**
   * Adds a card and begins to open it. It serves once it is open; when it cannot be opened, an alert says so.
   *
   * @throws RangeError when the name is taken or `maxConcurrent` is out of bounds; CardClosedError
   */
  add(source: CardSource): void {
    this.#assertOpen()
    assertInteger('maxConcurrent', source.maxConcurrent, { min: 1, max: MAX_CONCURRENT_PER_CARD })
    if (this.#cards.has(source.name)) {
      throw new RangeError(`name: the pool has a card ${source.name} already`)
    }
    const card = new PooledCard({
      source,
      care: { ...DEFAULT_CARE, ...this.#options.care },
      clock: this.#clock,
      tell: (alert) => this.#options.onAlert?.(alert),
      changed: () => {
        this.#refuseUnservable()
        this.#assign()
      },
    })
    this.#cards.set(source.name, card)
    card.start()
  }

  /** Takes a card out: it gets no new work, and is closed when that under way has ended. Unknown names do nothing. */
  async remove(name: string): Promise<void> {
    const card = this.#cards.get(name)
    if (card === undefined) return
    const left = card.leave()
    this.#cards.delete(name)
    this.#refuseUnservable()
    await left
  }

  /**
   * Runs a unit of work on the card with the least load, as soon as one is free.
   *
   * @returns what the work gives
   * @throws CardBusyError when the queue or the application's quota is full
   * @throws CardAbsentError when no card in service has the algorithms
   * @throws CardClosedError after {@link close}; what the work throws; the signal's reason
   */
  async run<Result>(
    request: WorkRequest,
    work: (card: CryptoCard) => Promise<Result>,
  ): Promise<Result> {
    for (;;) {
      const { pooled, card } = await this.#enter(request)
      try {
        if (pooled.holds(card)) return await pooled.run(card, work)
        // It went away before the work began.
        pooled.giveUp()
      } catch (error) {
        if (!(error instanceof CardLostError) || request.isRepeatable !== true) throw error
      } finally {
        this.#exit(request.appId)
      }
    }
  }

  metrics(): PoolMetrics {
    return {
      cards: [...this.#cards.values()].map(({ metrics }) => metrics),
      applications: [...this.#applications].map(([appId, { underWay, waiting }]) => {
        return { appId, underWay, waiting }
      }),
      waiting: this.#waiting.size,
      refused: this.#refused,
    }
  }

  /** Refuses work that waits, lets that under way end, and closes every card. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiter of this.#waiting) waiter.reject(this.#closedError())
    this.#waiting.clear()
    await Promise.all([...this.#cards.keys()].map((name) => this.remove(name)))
  }

  async #enter(request: WorkRequest): Promise<Place> {
    request.signal?.throwIfAborted()
    this.#assertOpen()
    const application = this.#applicationOf(request.appId)
    try {
      this.#assertServable(request)
      const isFree = application.underWay < application.quota.maxConcurrent
      const place = isFree && application.waiting === 0 ? this.#choose(request) : null
      if (place === null) return await this.#wait(request, application)
      application.underWay++
      return place
    } catch (error) {
      this.#forgetIdle(request.appId, application)
      throw error
    }
  }

  #wait(request: WorkRequest, application: Application): Promise<Place> {
    const { signal, appId } = request
    if (application.waiting >= application.quota.maxWaiting) {
      throw this.#busy(
        `application ${appId} has ${String(application.waiting)} calls waiting already`,
      )
    }
    if (this.#waiting.size >= this.#maxWaiting) {
      throw this.#busy(`${String(this.#waiting.size)} calls wait already`)
    }
    const { promise, resolve, reject } = Promise.withResolvers<Place>()
    const waiter: Waiter = { request, resolve, reject }
    const stop = () => {
      this.#waiting.delete(waiter)
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', stop, { once: true })
    application.waiting++
    this.#waiting.add(waiter)
    this.#watchQueue()
    return promise.finally(() => {
      application.waiting--
      signal?.removeEventListener('abort', stop)
      this.#watchQueue()
    })
  }

  /** Gives waiting work to cards that are free, oldest first. */
  #assign(): void {
    for (const waiter of this.#waiting) {
      if (![...this.#cards.values()].some((card) => card.canServe([]))) return
      const application = this.#applicationOf(waiter.request.appId)
      if (application.underWay >= application.quota.maxConcurrent) continue
      const place = this.#choose(waiter.request)
      if (place === null) continue
      this.#waiting.delete(waiter)
      application.underWay++
      waiter.resolve(place)
    }
  }

  /** Nobody waits for what no card in service can do. */
  #refuseUnservable(): void {
    for (const waiter of this.#waiting) {
      try {
        this.#assertServable(waiter.request)
      } catch (error) {
        this.#waiting.delete(waiter)
        waiter.reject(error as Error)
      }
    }
  }

  #exit(appId: string): void {
    const application = this.#applicationOf(appId)
    application.underWay--
    this.#forgetIdle(appId, application)
    this.#assign()
  }

  #choose({ algorithms }: WorkRequest): Place | null {
    let least: PooledCard | null = null
    for (const card of this.#cards.values()) {
      if (card.canServe(algorithms) && (least === null || card.load < least.load)) least = card
    }
    const card = least?.reserve(algorithms) ?? null
    return least === null || card === null ? null : { pooled: least, card }
  }

  #assertServable({ algorithms }: WorkRequest): void {
    const cards = [...this.#cards.values()]
    if (cards.some((card) => card.mayServe(algorithms))) return
    const others = cards.map(({ source, state, lastError }) => {
      return `${source.name} is ${state}${lastError === null ? '' : ` (${lastError.message})`}`
    })
    throw new CardAbsentError(
      this.#options.name,
      `no card in service has ${algorithms.join(', ')}; ${others.join('; ') || 'it has no cards'}`,
    )
  }

  #applicationOf(appId: string): Application {
    const known = this.#applications.get(appId)
    if (known !== undefined) return known
    const quota = this.#options.quotas?.get(appId) ?? this.#options.defaultQuota
    if (quota === null) throw this.#busy(`application ${appId} has no quota here`)
    const application = { quota, underWay: 0, waiting: 0 }
    this.#applications.set(appId, application)
    return application
  }

  /** Names of applications come from outside; only those that do something are kept. */
  #forgetIdle(appId: string, { underWay, waiting }: Application): void {
    if (underWay === 0 && waiting === 0) this.#applications.delete(appId)
  }

  #watchQueue(): void {
    const { size: waiting } = this.#waiting
    if (!this.#isQueueLong && waiting >= this.#longQueue) {
      this.#isQueueLong = true
      this.#options.onAlert?.({ kind: 'queue-long', waiting })
    } else if (this.#isQueueLong && waiting < this.#longQueue / 2) {
      this.#isQueueLong = false
      this.#options.onAlert?.({ kind: 'queue-short', waiting })
    }
  }

  #busy(what: string): CardBusyError {
    this.#refused++
    return new CardBusyError(this.#options.name, `${what}; try again later, or raise its quota`)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw this.#closedError()
  }

  #closedError(): CardClosedError {
    return new CardClosedError(this.#options.name, 'the pool was closed; make another')
  }
}

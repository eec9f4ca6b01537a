import type { CardAlgorithm } from '../algorithms.ts'
import type { CryptoCard } from '../card.ts'
import {
  CardBusyError,
  CardClosedError,
  CardError,
  CardFailureError,
  CardLibraryError,
  CardLostError,
  CardPinError,
} from '../card-errors.ts'
import type { PoolClock } from './pool-clock.ts'
import type { PoolAlert, PooledCardMetrics, PooledCardState } from './pool-events.ts'

/** A card, or a virtual function of one, that a pool may open. */
export interface CardSource {
  /** Unique in the pool. */
  readonly name: string
  /** How much work it is given at a time, 1 to 256: best as many as it has sessions. */
  readonly maxConcurrent: number
  open(signal: AbortSignal): Promise<CryptoCard>
}

/** How a pool looks after its cards. All in milliseconds. */
export interface CardCare {
  /** Between two self-tests of a card in service. */
  readonly healthIntervalMs: number
  /** Before a quarantined card is opened again; doubled after each failure. */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
}

/** A card of a pool, with what the pool knows of it. */
export class PooledCard {
  readonly source: CardSource
  readonly #care: CardCare
  readonly #clock: PoolClock
  readonly #tell: (alert: PoolAlert) => void
  /** Called when the card comes into service, or goes out of it. */
  readonly #changed: () => void
  readonly #ending = new AbortController()
  #state: PooledCardState = 'opening'
  #card: CryptoCard | null = null
  #lastError: Error | null = null
  #retryMs: number
  #stopTimer = () => {}
  #opening: Promise<void> = Promise.resolve()
  #isTesting = false
  #underWay = 0
  #completed = 0
  #failed = 0
  #busyMs = 0
  #quarantines = 0
  readonly #closings = new Set<Promise<void>>()
  #idle: (() => void) | null = null

  constructor(parts: {
    readonly source: CardSource
    readonly care: CardCare
    readonly clock: PoolClock
    readonly tell: (alert: PoolAlert) => void
    readonly changed: () => void
  }) {
    this.source = parts.source
    this.#care = parts.care
    this.#clock = parts.clock
    this.#tell = parts.tell
    this.#changed = parts.changed
    this.#retryMs = parts.care.firstRetryMs
  }

  get state(): PooledCardState {
    return this.#state
  }

  /** Why it is not in service; null while it is. */
  get lastError(): Error | null {
    return this.#lastError
  }

  /** From 0, idle, to 1, as much under way as it takes. */
  get load(): number {
    return this.#underWay / this.source.maxConcurrent
  }

  get metrics(): PooledCardMetrics {
    const { name, maxConcurrent } = this.source
    return {
      name,
      state: this.#state,
      underWay: this.#underWay,
      maxConcurrent,
      completed: this.#completed,
      failed: this.#failed,
      busyMs: this.#busyMs,
      quarantines: this.#quarantines,
    }
  }

  /** Whether it will, or may soon, do work of these algorithms. One that opens may have any. */
  mayServe(algorithms: readonly CardAlgorithm[]): boolean {
    if (this.#state === 'opening') return this.#quarantines === 0
    const has = this.#card?.info().algorithms
    return this.#state === 'ready' && algorithms.every((one) => has?.includes(one) === true)
  }

  /** Whether it can begin now. */
  canServe(algorithms: readonly CardAlgorithm[]): boolean {
    return this.#state === 'ready' && this.load < 1 && this.mayServe(algorithms)
  }

  /** Opens it, and again until it works or needs a person. */
  start(): void {
    this.#state = 'opening'
    this.#opening = this.#open()
  }

  async #open(): Promise<void> {
    try {
      const card = await this.source.open(this.#ending.signal)
      if (this.#ending.signal.aborted) {
        await card.close()
        return
      }
      this.#enterService(card)
    } catch (error) {
      if (!this.#ending.signal.aborted) this.#leaveService(error as Error)
    }
  }

  /** Keeps a place for work; null unless it can begin now. Each place ends with {@link run} or {@link giveUp}. */
  reserve(algorithms: readonly CardAlgorithm[]): CryptoCard | null {
    if (!this.canServe(algorithms)) return null
    this.#underWay++
    return this.#card
  }

  /** Whether the card of a place is still the one in service. */
  holds(card: CryptoCard): boolean {
    return card === this.#card
  }

  giveUp(): void {
    this.#underWay--
    if (this.#underWay === 0) this.#idle?.()
  }

  /** Runs work in a place kept for it. */
  async run<Result>(
    card: CryptoCard,
    work: (card: CryptoCard) => Promise<Result>,
  ): Promise<Result> {
    const startedMs = this.#clock.nowMs()
    try {
      const result = await work(card)
      this.#completed++
      return result
    } catch (error) {
      this.#failed++
      this.#judge(card, error)
      throw error
    } finally {
      this.#busyMs += this.#clock.nowMs() - startedMs
      this.giveUp()
    }
  }

  /** Takes no more work, lets that under way end, and closes the card. */
  async leave(): Promise<void> {
    this.#state = 'leaving'
    this.#stopTimer()
    this.#ending.abort(new CardClosedError(this.source.name, 'it was taken out of the pool'))
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    }
    await this.#opening
    await this.#card?.close()
    await Promise.all(this.#closings)
  }

  #enterService(card: CryptoCard): void {
    this.#card = card
    this.#state = 'ready'
    this.#lastError = null
    this.#retryMs = this.#care.firstRetryMs
    if (this.#quarantines > 0) this.#tell({ kind: 'card-returned', card: this.source.name })
    this.#scheduleTest()
    this.#changed()
  }

  /** A card that is gone is closed; one whose operation failed is asked whether it is still well. */
  #judge(card: CryptoCard, error: unknown): void {
    if (card !== this.#card || this.#state !== 'ready') return
    if (error instanceof CardLostError) this.#leaveService(error)
    else if (error instanceof CardFailureError) void this.#test()
  }

  #scheduleTest(): void {
    this.#stopTimer()
    this.#stopTimer = this.#clock.after(this.#care.healthIntervalMs, () => void this.#test())
  }

  async #test(): Promise<void> {
    const card = this.#card
    if (card === null || this.#state !== 'ready' || this.#isTesting) return
    this.#isTesting = true
    try {
      await card.selfTest(this.#ending.signal)
    } catch (error) {
      // A card with a full queue works; it had no time to be asked.
      const isUnwell = error instanceof CardError && !(error instanceof CardBusyError)
      if (isUnwell && card === this.#card) this.#leaveService(error)
    } finally {
      this.#isTesting = false
    }
    if (card === this.#card && !this.#ending.signal.aborted) this.#scheduleTest()
  }

  #leaveService(error: Error): void {
    this.#stopTimer()
    this.#closeBeside(this.#card)
    this.#card = null
    this.#lastError = error
    const { name: card } = this.source
    if (needsPerson(error)) {
      this.#state = 'failed'
      this.#tell({ kind: 'card-failed', card, error })
    } else {
      this.#state = 'quarantined'
      this.#quarantines++
      this.#tell({ kind: 'card-quarantined', card, error })
      this.#stopTimer = this.#clock.after(this.#retryMs, () => this.start())
      this.#retryMs = Math.min(2 * this.#retryMs, this.#care.longestRetryMs)
    }
    this.#changed()
  }

  /** Closing waits for the work under way, which may take its time to notice that the card is gone. */
  #closeBeside(card: CryptoCard | null): void {
    if (card === null) return
    const closing = card.close().catch(() => undefined)
    this.#closings.add(closing)
    void closing.finally(() => this.#closings.delete(closing))
  }
}

/** A wrong PIN must not be tried again and again; a library that is wrong stays so. */
function needsPerson(error: Error): boolean {
  return (
    error instanceof CardPinError ||
    error instanceof CardLibraryError ||
    !(error instanceof CardError)
  )
}

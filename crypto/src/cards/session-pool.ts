import { assertInteger } from '../bytes.ts'
import { CardBusyError, CardClosedError } from './card-errors.ts'

/** Most sessions and most waiting calls that a pool can be given. */
export const MAX_POOL_SESSIONS = 256
export const MAX_POOL_QUEUE = 65_536

export interface SessionPoolOptions<Session> {
  /** The card's name, for messages. */
  readonly card: string
  /** Opens a session of the device. Called when one is needed and fewer than `maxSessions` are open. */
  readonly open: () => Promise<Session>
  /** Closes one. What it throws is ignored: the session is not used again in any case. */
  readonly close: (session: Session) => Promise<void>
  /** 1 to 256. */
  readonly maxSessions: number
  /** How many calls may wait for a session, 0 to 65 536; one more is refused as busy. */
  readonly maxQueue: number
}

/** A session taken from a pool. It must be given back, once. */
export interface SessionLease<Session> {
  readonly session: Session
  /**
   * @param isSound - false when an operation failed or was left half done in it: the session is closed then,
   *   since a device may keep state of what it began
   */
  readonly release: (isSound: boolean) => void
}

/** How much a pool has to do. */
export interface PoolLoad {
  readonly busy: number
  readonly idle: number
  readonly waiting: number
}

interface Waiter<Session> {
  readonly resolve: (lease: SessionLease<Session>) => void
  readonly reject: (reason: unknown) => void
}

/**
 * The sessions of a card. Each serves one call at a time, because a session holds the state of an operation
 * (GM/T 0018 section 5.3, PKCS #11 section 5.6): two calls in one would mix their data. Calls wait in order.
 */
export class SessionPool<Session> {
  readonly #options: SessionPoolOptions<Session>
  readonly #idle: Session[] = []
  readonly #waiting = new Set<Waiter<Session>>()
  /** Sessions leased or being opened. */
  #busy = 0
  #closed: PromiseWithResolvers<void> | null = null

  /** @throws TypeError or RangeError when a number is out of bounds */
  constructor(options: SessionPoolOptions<Session>) {
    assertInteger('maxSessions', options.maxSessions, { min: 1, max: MAX_POOL_SESSIONS })
    assertInteger('maxQueue', options.maxQueue, { min: 0, max: MAX_POOL_QUEUE })
    this.#options = options
  }

  get load(): PoolLoad {
    return { busy: this.#busy, idle: this.#idle.length, waiting: this.#waiting.size }
  }

  /**
   * Runs `action` with a session of its own. The session is closed when the action fails.
   *
   * @param signal - ends the wait for a session; once the action runs, it runs to its end
   * @throws CardBusyError when too many calls wait; CardClosedError after {@link close}; what opening a session
   *   or the action throws
   */
  async use<Result>(
    action: (session: Session) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const { session, release } = await this.lease(signal)
    let isSound = false
    try {
      const result = await action(session)
      isSound = true
      return result
    } finally {
      release(isSound)
    }
  }

  /** Takes a session for longer than one call. @throws as {@link use} */
  async lease(signal?: AbortSignal): Promise<SessionLease<Session>> {
    signal?.throwIfAborted()
    if (this.#closed !== null) throw this.#closedError()
    const idle = this.#idle.pop()
    if (idle !== undefined) {
      this.#busy++
      return this.#leaseOf(idle)
    }
    if (this.#busy < this.#options.maxSessions) {
      this.#busy++
      return this.#open()
    }
    return this.#wait(signal)
  }

  /** Refuses the calls that wait, lets those under way end, and closes every session. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed === null) {
      this.#closed = Promise.withResolvers()
      for (const waiter of this.#waiting) waiter.reject(this.#closedError())
      this.#waiting.clear()
      for (const session of this.#idle.splice(0)) await this.#discard(session)
      this.#settleClose()
    }
    await this.#closed.promise
  }

  /** Opens a session for a place that is counted as busy already. */
  async #open(): Promise<SessionLease<Session>> {
    let session: Session
    try {
      session = await this.#options.open()
    } catch (error) {
      this.#free()
      throw error
    }
    if (this.#closed === null) return this.#leaseOf(session)
    await this.#discard(session)
    this.#free()
    throw this.#closedError()
  }

  #wait(signal: AbortSignal | undefined): Promise<SessionLease<Session>> {
    const { card, maxQueue } = this.#options
    if (this.#waiting.size >= maxQueue) {
      throw new CardBusyError(
        card,
        `${String(this.#waiting.size)} calls wait for a session already; ` +
          'try again later, or give the card more sessions or a longer queue',
      )
    }
    const { promise, resolve, reject } = Promise.withResolvers<SessionLease<Session>>()
    const stop = () => {
      this.#waiting.delete(waiter)
      reject(signal?.reason as Error)
    }
    const waiter: Waiter<Session> = { resolve, reject }
    this.#waiting.add(waiter)
    signal?.addEventListener('abort', stop, { once: true })
    return promise.finally(() => signal?.removeEventListener('abort', stop))
  }

  #leaseOf(session: Session): SessionLease<Session> {
    let isReleased = false
    return {
      session,
      release: (isSound) => {
        if (isReleased) return
        isReleased = true
        this.#takeBack(session, isSound)
      },
    }
  }

  #takeBack(session: Session, isSound: boolean): void {
    if (!isSound || this.#closed !== null) {
      void this.#discard(session).then(() => this.#free())
      return
    }
    const next = this.#nextWaiter()
    if (next === null) {
      this.#busy--
      this.#idle.push(session)
    } else {
      next.resolve(this.#leaseOf(session))
    }
  }

  /** A place has become free without a session: whoever waits longest opens one. */
  #free(): void {
    const next = this.#nextWaiter()
    if (next === null) {
      this.#busy--
      this.#settleClose()
    } else {
      this.#open().then(next.resolve, next.reject)
    }
  }

  #nextWaiter(): Waiter<Session> | null {
    const [next] = this.#waiting
    if (next === undefined) return null
    this.#waiting.delete(next)
    return next
  }

  async #discard(session: Session): Promise<void> {
    // A device that is gone cannot close its sessions either; there is nothing more to do for them.
    await this.#options.close(session).catch(() => undefined)
  }

  #settleClose(): void {
    if (this.#busy === 0) this.#closed?.resolve()
  }

  #closedError(): CardClosedError {
    return new CardClosedError(this.#options.card, 'it was closed; open it again')
  }
}

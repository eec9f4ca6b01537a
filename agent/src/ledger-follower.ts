import type { Logger } from '@orlop/protocol/logger'

export interface LedgerFollowerDependencies {
  /** Resolves when the object's receipts are on the ledger. */
  awaitRecorded: (objectId: string, signal: AbortSignal) => Promise<void>
  logger: Logger
  /** Waits. @returns early when the signal is aborted. */
  pause: (durationMs: number, signal: AbortSignal) => Promise<void>
}

export interface LedgerFollowerOptions {
  /** Objects asked about at the same time. */
  atOnce: number
  /** How long one object is asked about until another has its turn. */
  turnMs: number
  /** Pause after a question that failed. */
  retryMs: number
}

interface Followed {
  objectId: string
  onRecorded: () => Promise<unknown>
}

/** Follows stored objects to the ledger, a few at a time, in turns, for as long as it takes. */
export class LedgerFollower {
  readonly #dependencies: LedgerFollowerDependencies
  readonly #options: LedgerFollowerOptions
  readonly #stopping = new AbortController()
  readonly #queue: Followed[] = []
  readonly #turns = new Set<Promise<void>>()

  constructor(dependencies: LedgerFollowerDependencies, options: LedgerFollowerOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** @param onRecorded - called once, when the object's receipts are on the ledger. */
  follow(objectId: string, onRecorded: () => Promise<unknown>): void {
    this.#queue.push({ objectId, onRecorded })
    this.#fill()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#turns)
  }

  #fill(): void {
    while (this.#turns.size < this.#options.atOnce && !this.#stopping.signal.aborted) {
      const next = this.#queue.shift()
      if (next === undefined) return
      const turn = this.#takeTurn(next).finally(() => {
        this.#turns.delete(turn)
        this.#fill()
      })
      this.#turns.add(turn)
    }
  }

  async #takeTurn(followed: Followed): Promise<void> {
    const { awaitRecorded, logger, pause } = this.#dependencies
    const stopping = this.#stopping.signal
    const ended = new AbortController()
    const over = AbortSignal.any([stopping, ended.signal])
    void pause(this.#options.turnMs, over).then(() => {
      ended.abort()
    })
    try {
      await awaitRecorded(followed.objectId, over)
      await followed.onRecorded()
    } catch (error) {
      if (stopping.aborted) return
      this.#queue.push(followed)
      if (ended.signal.aborted) return
      logger.warn({ err: error }, 'could not ask whether an object is on the ledger; asking again')
      await pause(this.#options.retryMs, stopping)
    } finally {
      ended.abort()
    }
  }
}

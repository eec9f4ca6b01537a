import type { CkHandle, Cryptoki } from './cryptoki.ts'
import { explainFailure } from './return-codes.ts'
import { closeSession } from './token.ts'

/**
 * The session that keeps the login and owns the keys of a card. Its calls follow one another; a failed one
 * leaves it open, since its keys would go with it.
 */
export class OwnerSession {
  readonly #card: string
  readonly #cryptoki: Cryptoki
  readonly #session: CkHandle
  #last: Promise<unknown> = Promise.resolve()

  constructor(card: string, cryptoki: Cryptoki, session: CkHandle) {
    this.#card = card
    this.#cryptoki = cryptoki
    this.#session = session
  }

  /** Runs a call after all earlier ones. @throws what it throws, explained when the library failed */
  run<Result>(
    operation: string,
    call: (session: CkHandle) => Result | Promise<Result>,
  ): Promise<Result> {
    const result = this.#last.then(async () => {
      try {
        return await call(this.#session)
      } catch (error) {
        throw explainFailure(this.#card, operation, error)
      }
    })
    this.#last = result.catch(() => undefined)
    return result
  }

  /** Closes it after the calls under way; its keys are destroyed by that. */
  async close(): Promise<void> {
    await this.#last
    await closeSession(this.#cryptoki, this.#session)
  }
}

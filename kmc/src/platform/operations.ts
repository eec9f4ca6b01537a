import type { CardAlgorithm } from '@orlop/crypto/cards/algorithms'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardAbsentError } from '@orlop/crypto/cards/card-errors'
import type { CardPool, WorkRequest } from '@orlop/crypto/cards/pool/card-pool'
import type { Centre } from '../centre.ts'
import { getActiveApplication } from '../keys/applications.ts'
import type { Algorithm } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import { type KeyInUse, withKey } from './key-access.ts'
import type { OperationMeter } from './operation-meter.ts'
import { OperationQuotas } from './operation-quotas.ts'
import { platformFailure } from './platform-failure.ts'
import { UseLog } from './use-log.ts'

/** Who asks: an application, by one of its certificates. */
export interface Caller {
  readonly appId: string
  /** Serial number. */
  readonly certificate: string
}

export interface OperationsParts {
  readonly centre: Centre
  readonly pool: CardPool
  /** Does what no card of the pool in service can do; null refuses that. */
  readonly software: CardPool | null
  readonly meter: OperationMeter
}

/** Work that needs no key of the centre. */
export interface CardOperation {
  /** In metrics. */
  readonly name: string
  /** What the card must have. */
  readonly onCard: readonly CardAlgorithm[]
  /** Whether it may begin again on another card when its card goes away. */
  readonly isRepeatable: boolean
}

/** What an operation does with a key. */
export interface KeyOperation<A extends Algorithm> {
  /** In the log and in metrics. */
  readonly name: string
  readonly keyId: string
  /** Null for the newest. */
  readonly version: number | null
  /** What the key must be for. */
  readonly algorithms: readonly A[]
  /** What the card must have, by what the key is for. */
  readonly onCard: (algorithm: A) => readonly CardAlgorithm[]
}

/** Runs the operations of applications: within their quotas, on a card of the pool, counted, and with keys on record. */
export class Operations {
  readonly uses: UseLog
  readonly #parts: OperationsParts
  readonly #quotas: OperationQuotas

  constructor(parts: OperationsParts) {
    this.#parts = parts
    this.#quotas = new OperationQuotas(parts.centre.clock)
    this.uses = new UseLog(parts.centre)
  }

  /**
   * Runs work that needs no key of the centre.
   *
   * @throws KmcError `APP_REVOKED`, `NOT_FOUND` without the application, `QUOTA_EXCEEDED`, `CARD_UNAVAILABLE`; what the work throws.
   */
  async run<T>(
    caller: Caller,
    { name, onCard, isRepeatable }: CardOperation,
    work: (card: CryptoCard) => Promise<T>,
  ): Promise<T> {
    const { appId } = caller
    const request = { appId, algorithms: onCard, isRepeatable }
    return this.#measured(caller, name, () => this.#onCard(request, work))
  }

  /**
   * Runs work with one of the application's own keys.
   *
   * @throws KmcError as {@link Operations.run}, and `KEY_STATE`, `NOT_ALLOWED`, `CENTRE_SEALED`; `NOT_AUTHENTIC` for what does not open.
   */
  async runWithKey<A extends Algorithm, T>(
    caller: Caller,
    operation: KeyOperation<A>,
    work: (card: CryptoCard, key: KeyInUse<A>) => Promise<T>,
  ): Promise<T> {
    const { name, onCard } = operation
    const { appId, certificate } = caller
    return this.#measured(caller, name, () =>
      withKey(this.#parts.centre, { ...operation, appId }, async (key) => {
        await this.uses.record({ appId, keyId: key.keyId, operation: name, certificate })
        const request = { appId, algorithms: onCard(key.algorithm), isRepeatable: true }
        return this.#onCard(request, (card) => work(card, key))
      }),
    )
  }

  async #onCard<T>(request: WorkRequest, work: (card: CryptoCard) => Promise<T>): Promise<T> {
    const { pool, software } = this.#parts
    try {
      return await pool.run(request, work)
    } catch (error) {
      // Nothing has begun: no card in service has the algorithms.
      if (!(error instanceof CardAbsentError) || software === null) throw error
      return software.run(request, work)
    }
  }

  async #measured<T>({ appId }: Caller, name: string, work: () => Promise<T>): Promise<T> {
    const { centre, meter } = this.#parts
    const startedMs = centre.clock.monotonicMs()
    const tell = (outcome: string) => {
      meter.operation(name, outcome, (centre.clock.monotonicMs() - startedMs) / 1000)
    }
    try {
      this.#quotas.count(await getActiveApplication(centre.rows, appId))
      const result = await work()
      tell('ok')
      return result
    } catch (caught) {
      const error = platformFailure(caught)
      tell(error instanceof KmcError ? error.code : 'INTERNAL')
      throw error
    }
  }
}

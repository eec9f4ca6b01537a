import pLimit from 'p-limit'
import { encodeHex } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import type { Logger } from '@orlop/protocol/logger'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import { grantCardRight } from '../root/card-right.ts'
import { forgetKeysOnCard, KeysOnCard, type UnsealingCard } from '../root/keys-on-card.ts'
import type { Custody } from './custody.ts'

/** Who gives a card the keys, in the audit log. */
const KEEPER = 'centre'

/** What {@link CardUnsealing} needs. */
export interface CardUnsealingParts {
  readonly centre: Centre
  /** Null for a centre that no card unseals: what one kept before is forgotten all the same. */
  readonly card: UnsealingCard | null
  /** Where the wrapped keys lie. */
  readonly file: string
  readonly logger: Logger
  /** Longest that the card is waited for; 30 s unless given. */
  readonly timeoutMs?: number
}

/** Unseals a centre by a card, as long as no administrator has sealed it since custodians unsealed it. */
export class CardUnsealing {
  readonly #parts: CardUnsealingParts
  readonly #keys: KeysOnCard | null
  /** Keeping and forgetting do not cross. */
  readonly #lock = pLimit(1)
  /** Renewed by each forgetting, which is the last word also in the middle of a keeping. */
  #forgotten = new AbortController()

  constructor(parts: CardUnsealingParts) {
    this.#parts = parts
    const { card } = parts
    this.#keys = card === null ? null : new KeysOnCard({ ...parts, card })
  }

  /**
   * Gives the card the keys of a centre that custodians have unsealed, and puts that on record. What fails is in the log: the centre serves
   * all the same.
   */
  async keep(): Promise<void> {
    const keys = this.#keys
    if (keys === null) return
    const { logger } = this.#parts
    const { cardName: card } = keys
    const { signal } = this.#forgotten
    try {
      await this.#lock(() => this.#keep(keys, signal))
      logger.info({ card }, 'the card may unseal the centre from now on')
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      logger.error({ card, reason }, 'the card was not given the centre’s keys')
    }
  }

  /**
   * Unseals the centre, where it is not.
   *
   * @returns why it did not; null when it did, or nothing was to do.
   */
  async unseal(custody: Custody): Promise<string | null> {
    const { centre, logger } = this.#parts
    if (this.#keys === null || centre.seal.status.state === 'unsealed') return null
    const { cardName: card } = this.#keys
    try {
      const kept = await this.#keys.take(centre.seal.centreId)
      if (kept === null) {
        throw new KmcError(
          'CENTRE_SEALED',
          `The card ${card} may not unseal the centre ${encodeHex(centre.seal.centreId)}: it may when custodians have.`,
        )
      }
      await custody.unsealByCard(kept, `card ${card}`)
      return null
    } catch (error) {
      if (error instanceof KmcError && error.code === 'CENTRE_SEALED') await this.forget()
      const reason = error instanceof Error ? error.message : 'it failed'
      logger.warn({ card, reason }, 'the card did not unseal the centre')
      return `${reason} Custodians' shares unseal the centre.`
    }
  }

  /**
   * Takes the wrapped keys away from this machine, whichever card they are for.
   *
   * @returns whether they are gone; otherwise the log names the file.
   */
  async forget(): Promise<boolean> {
    const { file, logger } = this.#parts
    this.#forgotten.abort()
    this.#forgotten = new AbortController()
    try {
      await forgetKeysOnCard(file)
      // Once more behind a keeping that is just putting it there.
      void this.#lock(() => forgetKeysOnCard(file)).catch(() => undefined)
      return true
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      logger.error({ file, reason }, 'a card may unseal the centre until this file is removed')
      return false
    }
  }

  async #keep(keys: KeysOnCard, signal: AbortSignal): Promise<void> {
    const { seal, rows, clock } = this.#parts.centre
    const mayKeep = () => {
      signal.throwIfAborted()
    }
    const right = await grantCardRight(rows)
    mayKeep()
    const wrapped = await keys.wrap({ keys: seal.keys, right }, seal.centreId, signal)
    const details = { card: keys.cardName, publicKey: encodeHex(sha256(wrapped.publicKey)) }
    const act = { actor: KEEPER, act: 'card.keep', timeMs: clock.nowMs(), details }
    // On record before it is so.
    await rows.update((draft) => appendAudit(draft, act))
    await keys.keep(wrapped, mayKeep)
  }
}

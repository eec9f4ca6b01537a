import { randomBytes } from '@orlop/crypto/bytes'
import type { CardAlgorithm } from '@orlop/crypto/cards/algorithms'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardSealer } from '@orlop/crypto/cards/offload/card-sealer'
import { mixedRandom } from '@orlop/crypto/cards/offload/mixed-random'
import type { Crew } from '../pipeline/crew.ts'
import type { Crews } from '../pipeline/crews.ts'
import type { ObjectContext, SealWork } from '../pipeline/operations.ts'
import { CardCrew, type ObjectSealing } from './card-crew.ts'
import type { CardPolicy } from './card-policy.ts'
import { cardUnavailable } from './card-unavailable.ts'
import { describeSealing } from './describe-sealing.ts'

/** A card that may seal an object. */
export interface CardForObject {
  readonly card: CryptoCard
  /** What it does of the object's suite; empty for a card that gives random bytes only. */
  readonly algorithms: readonly CardAlgorithm[]
  /** Chunks shorter than this go to software. */
  readonly minBytes: number
}

/** A card failed, and who goes on. */
export interface CardLoss {
  readonly card: string
  readonly code: string
  readonly reason: string
  /** Name of the card that goes on; null for software. */
  readonly next: string | null
}

export interface CardSealingOptions {
  readonly policy: CardPolicy
  /** Called at every failure. */
  readonly onFailed: (card: CryptoCard, cause: unknown) => void
  /** Called once for each card from which another, or software, takes over. */
  readonly onLost: (loss: CardLoss) => void
}

/** A card's part in the sealing of one object. */
interface Turn extends CardForObject {
  sealer: Promise<CardSealer> | null
  chunks: number
  lostCode: string | null
}

/** The sealing of one object: what cards do of it, one after the other fails, and what software does. */
export class CardSealing implements Crews, ObjectSealing {
  readonly inline: Crew
  readonly threads: Crew
  readonly #options: CardSealingOptions
  /** Those that do a part of the suite first. */
  readonly #turns: readonly Turn[]
  #softwareChunks = 0
  #isReleased = false
  /** Set when a card is required and none is left. */
  #refusal: Error | null = null

  /** @param cards - the preferred first */
  constructor(cards: readonly CardForObject[], crews: Crews, options: CardSealingOptions) {
    this.#options = options
    const turns = cards.map((card) => ({ ...card, sealer: null, chunks: 0, lostCode: null }))
    this.#turns = [...turns.filter(isAble), ...turns.filter((turn) => !isAble(turn))]
    this.inline = new CardCrew(crews.inline, this)
    this.threads = new CardCrew(crews.threads, this)
  }

  /** Who sealed the object, for its manifest: cards or `software`, and where one took over from the other. */
  describe(): string {
    const cards = this.#turns.map(({ card, ...turn }) => ({ info: card.info(), ...turn }))
    return describeSealing({ cards, softwareChunks: this.#softwareChunks })
  }

  takes(plainBytes: number): boolean {
    const turn = this.#sealing()
    return turn !== null && !this.#isReleased && plainBytes >= turn.minBytes
  }

  async seal(
    { context, ...position }: Pick<SealWork, 'context' | 'chunkNumber' | 'isLast'>,
    message: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    for (let turn = this.#sealing(); turn !== null; turn = this.#sealing()) {
      try {
        const sealer = await sealerOf(turn, context)
        const sealed = await sealer.seal(position, message)
        turn.chunks += 1
        return sealed
      } catch (error) {
        this.#lose(turn, error)
      }
    }
    return null
  }

  countSoftware(): void {
    this.#softwareChunks += 1
  }

  /**
   * Random bytes for keys, from the system and a card.
   *
   * @throws OrlopError `CARD_UNAVAILABLE` when no card gives any and one is required
   */
  async random(lengthBytes: number): Promise<Uint8Array> {
    for (let turn = this.#present(); turn !== null; turn = this.#present()) {
      try {
        return await mixedRandom(turn.card, lengthBytes)
      } catch (error) {
        this.#lose(turn, error)
      }
    }
    return randomBytes(lengthBytes)
  }

  /** Destroys the object's keys on the cards. */
  async release(): Promise<void> {
    this.#isReleased = true
    const sealers = this.#turns.map(({ sealer }) => sealer)
    for (const turn of this.#turns) turn.sealer = null
    // A card that went away took its keys with it.
    await Promise.allSettled(sealers.map(async (sealer) => (await sealer)?.dispose()))
  }

  /** @throws OrlopError `CARD_UNAVAILABLE` when a card is required and none is left that seals */
  #lose(turn: Turn, cause: unknown): void {
    const card = turn.card.info().name
    const reason = cause instanceof Error ? cause.message : 'it failed'
    const isFirst = turn.lostCode === null
    turn.lostCode ??= codeOf(cause)
    this.#options.onFailed(turn.card, cause)
    const next = this.#sealing()?.card.info().name ?? null
    if (next === null && this.#options.policy === 'required') {
      this.#refusal = cardUnavailable(
        `The card ${card} cannot go on (${reason}), a card is required, and no other is left. Nothing was sealed by software. Put the card right, then store it again: an upload of a file goes on.`,
        card,
        cause,
      )
      throw this.#refusal
    }
    if (isFirst) this.#options.onLost({ card, code: turn.lostCode, reason, next })
  }

  /** The first card that has not failed; null when none is left and software goes on. */
  #present(): Turn | null {
    if (this.#refusal !== null) throw this.#refusal
    return this.#turns.find(({ lostCode }) => lostCode === null) ?? null
  }

  /** The card whose turn it is to seal; null when software does. */
  #sealing(): Turn | null {
    const turn = this.#present()
    return turn !== null && isAble(turn) ? turn : null
  }
}

function isAble({ algorithms }: CardForObject): boolean {
  return algorithms.length > 0
}

/** The object's keys on the card, brought there at the first call. */
function sealerOf(turn: Turn, { dataKey, headerBytes }: ObjectContext): Promise<CardSealer> {
  turn.sealer ??= CardSealer.open(turn.card, { dataKey, headerBytes })
  return turn.sealer
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error ? (cause as Error & { code?: unknown }).code : null
  return typeof code === 'string' ? code : 'CARD_FAILED'
}

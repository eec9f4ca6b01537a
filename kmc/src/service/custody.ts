import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { parseShare } from '@orlop/crypto/thresholds/share-text'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import type { Logger } from '@orlop/protocol/logger'
import type { AuditEntry } from '../audit/audit-entry.ts'
import { appendAudit, lastAuditNumber } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import type { SealStatus } from '../root/seal.ts'
import { endCardRight, isCardRight } from '../root/card-right.ts'
import type { KeptKeys } from '../root/keys-on-card.ts'
import { wipeRootKeys } from '../root/root-keys.ts'
import { SEAL_ACT } from '../root/seal-together.ts'

/** Most of the givers' names that the log takes. */
const MAX_GIVERS_CHARACTERS = 1024
const SEAL_TIMEOUT_MS = 2_000

/** What {@link Custody} needs. */
export interface CustodyParts {
  readonly centre: Centre
  readonly logger: Logger
  /**
   * Done each time the centre is unsealed, before that counts: when it fails, the centre is sealed again. Told the number of the log's last
   * entry from before the keys were there.
   */
  readonly onUnsealed: (actor: string, lastEntry: number) => Promise<void>
  /** Done after shares have unsealed the centre and it has begun: gives the keys to a card. Must not throw. */
  readonly keepOnCard: () => Promise<void>
  /** Done while the centre is sealed, when its log says so and its keys are still there. */
  readonly onSealRecorded: () => Promise<void>
  /** Done each time the centre was sealed here: takes what a card keeps away. Returns whether it is gone; must not throw. */
  readonly forgetOnCard: () => Promise<boolean>
  /** Longest that keys stay for the log's sake when the centre is sealed; 2 s unless given. */
  readonly sealTimeoutMs?: number
}

/** How a centre was sealed. */
export interface Sealing extends SealStatus {
  /** Whether the log says so: by it the other replicas hear of it. */
  readonly isRecorded: boolean
  /** Whether no card of this machine keeps the keys any more; otherwise the log names a file to remove. */
  readonly isCardForgotten: boolean
}

/** Takes custodians' shares and seals the centre. Who did it is in the audit log. */
export class Custody {
  readonly #parts: CustodyParts
  readonly #lock = pLimit(1)
  #givers = new Set<string>()

  constructor(parts: CustodyParts) {
    this.#parts = parts
  }

  /**
   * Takes a share; the last that is needed unseals.
   *
   * @param text - as `formatShare` writes it.
   * @param giver - who gave it.
   * @throws KmcError `SHARE_REFUSED` names a bad one; `ROOT_MISMATCH`; what `onUnsealed` throws.
   */
  async give(text: string, giver: string): Promise<SealStatus> {
    const share = readShare(text)
    const isOpened = await this.#lock(() => this.#submit(share, giver))
    // Not under the lock: a card may take its time.
    if (isOpened) await this.#parts.keepOnCard()
    return this.#parts.centre.seal.status
  }

  /** @returns whether this share unsealed the centre. */
  async #submit(share: SecretShare, giver: string): Promise<boolean> {
    const { seal } = this.#parts.centre
    const before = seal.status.state
    const lastEntry = await this.#lastEntry()
    const after = await seal.submit(share).finally(() => {
      wipe(share.bytes)
    })
    if (before === 'unsealed') return false
    this.#givers.add(giver)
    if (after.state !== 'unsealed') return false
    await this.#finishUnsealing(giver, lastEntry)
    return true
  }

  /**
   * Unseals by the keys that a card kept, as long as the card has the right.
   *
   * @param kept - wiped here.
   * @param by - the card, for the record.
   * @throws KmcError `CENTRE_SEALED` when the card has the right no more; `ROOT_MISMATCH`; what `onUnsealed` throws. The centre is sealed.
   */
  async unsealByCard(kept: KeptKeys, by: string): Promise<void> {
    const { seal, rows, store } = this.#parts.centre
    try {
      await this.#lock(async () => {
        const lastEntry = await lastAuditNumber(store)
        await seal.submitKeys(kept.keys)
        if (!(await isCardRight(rows, kept.right))) {
          throw new KmcError(
            'CENTRE_SEALED',
            'The centre was sealed, or its store brought back, since the card was given its keys.',
          )
        }
        this.#givers.add(by)
        await this.#finishUnsealing(by, lastEntry)
      })
    } catch (error) {
      seal.seal()
      throw error
    } finally {
      wipeRootKeys(kept.keys)
    }
  }

  /**
   * Forgets all keys, also when that cannot be put on record any more: the log has two seconds to take it. Where it does not say so, or the
   * centre was sealed here before, other replicas are not told. What a card keeps is taken away too.
   */
  async seal(actor: string): Promise<Sealing> {
    const { centre } = this.#parts
    const isRecorded = centre.seal.status.state === 'unsealed' && (await this.#tryRecordSeal(actor))
    this.#givers = new Set()
    centre.seal.seal()
    const isCardForgotten = await this.#parts.forgetOnCard()
    return { ...centre.seal.status, isRecorded, isCardForgotten }
  }

  async #tryRecordSeal(actor: string): Promise<boolean> {
    const { logger, sealTimeoutMs = SEAL_TIMEOUT_MS } = this.#parts
    const over = new AbortController()
    const recording = this.#recordSeal(actor).then(() => true)
    // What comes of it too late is nobody's.
    recording.catch(() => undefined)
    try {
      const waiting = delay(sealTimeoutMs, false, { signal: over.signal }).catch(() => false)
      const isRecorded = await Promise.race([recording, waiting])
      if (!isRecorded) logger.error({}, 'the centre is sealed, but its log did not say so in time')
      return isRecorded
    } catch (error) {
      const code = error instanceof KmcError ? error.code : 'INTERNAL'
      logger.error({ code }, 'the centre is sealed, but its log does not say so')
      return false
    } finally {
      over.abort()
    }
  }

  /** Only the share that may unseal needs it, and the store. */
  async #lastEntry(): Promise<number> {
    const { seal, store } = this.#parts.centre
    const { given, threshold } = seal.status
    return given.length + 1 < threshold ? 0 : lastAuditNumber(store)
  }

  async #finishUnsealing(actor: string, lastEntry: number): Promise<void> {
    const givers = [...this.#givers].join(', ')
    this.#givers = new Set()
    try {
      await this.#parts.onUnsealed(actor, lastEntry)
      await this.#record(actor, 'centre.unseal', { givers: givers.slice(0, MAX_GIVERS_CHARACTERS) })
    } catch (error) {
      this.#parts.centre.seal.seal()
      throw error
    }
    this.#parts.logger.info({}, 'the centre is unsealed')
  }

  async #recordSeal(actor: string): Promise<void> {
    const { rows, clock } = this.#parts.centre
    await rows.update(async (draft) => {
      endCardRight(draft)
      await appendAudit(draft, { timeMs: clock.nowMs(), actor, act: SEAL_ACT, details: {} })
    })
    await this.#parts.onSealRecorded()
  }

  async #record(actor: string, act: string, details: AuditEntry['details']): Promise<void> {
    const { rows, clock } = this.#parts.centre
    await rows.update((draft) => appendAudit(draft, { timeMs: clock.nowMs(), actor, act, details }))
  }
}

/** A share that cannot be read stays away from every message: most of its letters may be right. */
function readShare(text: string): SecretShare {
  try {
    return parseShare(text)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw new KmcError(
      'SHARE_REFUSED',
      'This is no share, or a letter of it is wrong. Compare it with the custodian’s copy letter by letter.',
      { details: { reason: 'unreadable' } },
    )
  }
}

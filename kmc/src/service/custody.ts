import pLimit from 'p-limit'
import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { parseShare } from '@orlop/crypto/thresholds/share-text'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import type { Logger } from '@orlop/protocol/logger'
import type { AuditEntry } from '../audit/audit-entry.ts'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import type { SealStatus } from '../root/seal.ts'
import { SEAL_ACT } from '../root/seal-together.ts'

/** Most of the givers' names that the log takes. */
const MAX_GIVERS_CHARACTERS = 1024

/** What {@link Custody} needs. */
export interface CustodyParts {
  readonly centre: Centre
  readonly logger: Logger
  /** Done each time the centre is unsealed, before that counts: when it fails, the centre is sealed again. */
  readonly onUnsealed: (actor: string) => Promise<void>
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
    return this.#lock(async () => {
      const { seal } = this.#parts.centre
      const before = seal.status.state
      const after = await seal.submit(share).finally(() => {
        wipe(share.bytes)
      })
      if (before === 'unsealed') return after
      this.#givers.add(giver)
      if (after.state === 'unsealed') await this.#finishUnsealing(giver)
      return seal.status
    })
  }

  /** Forgets all keys at once, also when that cannot be put on record any more. */
  async seal(actor: string): Promise<SealStatus> {
    const { centre, logger } = this.#parts
    try {
      if (centre.seal.status.state === 'unsealed') await this.#record(actor, SEAL_ACT, {})
    } catch (error) {
      const code = error instanceof KmcError ? error.code : 'INTERNAL'
      logger.error({ code }, 'the centre is sealed, but its log does not say so')
    } finally {
      this.#givers = new Set()
      centre.seal.seal()
    }
    return centre.seal.status
  }

  async #finishUnsealing(actor: string): Promise<void> {
    const givers = [...this.#givers].join(', ')
    this.#givers = new Set()
    try {
      await this.#parts.onUnsealed(actor)
      await this.#record(actor, 'centre.unseal', { givers: givers.slice(0, MAX_GIVERS_CHARACTERS) })
    } catch (error) {
      this.#parts.centre.seal.seal()
      throw error
    }
    this.#parts.logger.info({}, 'the centre is unsealed')
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

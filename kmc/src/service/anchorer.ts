import pLimit from 'p-limit'
import { type Anchor, sendAnchors, type SendAnchorsRequest } from '@orlop/contracts/anchors'
import { isOrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { anchorOfDestruction, anchorOfLog } from '../audit/anchoring.ts'
import type { Centre } from '../centre.ts'
import type { Destruction } from '../keys/destruction.ts'
import { KmcError } from '../kmc-error.ts'

/** What stands on the ledger now. */
export interface AnchoredLog {
  /** Entries up to here. */
  readonly count: number
  readonly transactionHashes: readonly string[]
}

/** What {@link Anchorer} needs. */
export interface AnchorerParts {
  readonly centre: Centre
  /** Of the ledger; null where the centre has none. */
  readonly rpcUrl: string | null
  readonly logger: Logger
}

/** Puts the end of the audit log, and statements of destruction, on the ledger, by the account that the centre signs as. */
export class Anchorer {
  readonly #centre: Centre
  readonly #rpcUrl: string | null
  readonly #logger: Logger
  readonly #lock = pLimit(1)
  #lastCount = 0

  constructor({ centre, rpcUrl, logger }: AnchorerParts) {
    this.#centre = centre
    this.#rpcUrl = rpcUrl
    this.#logger = logger
  }

  /** Whether there is a ledger. */
  get isOn(): boolean {
    return this.#rpcUrl !== null
  }

  /**
   * Anchors the log's end, and before it a statement when one is given.
   *
   * @throws KmcError `CONFIG_INVALID` without a ledger; `CENTRE_SEALED`; `LEDGER_UNREACHABLE` also when it refuses.
   */
  async anchor(destruction?: Destruction): Promise<AnchoredLog> {
    const rpcUrl = this.#rpcUrl
    if (rpcUrl === null) {
      throw new KmcError(
        'CONFIG_INVALID',
        'This centre was started without a ledger, so nothing of it is anchored. Start it with --rpc-url.',
      )
    }
    return this.#lock(async () => {
      const { clock, seal } = this.#centre
      const log = await anchorOfLog(this.#centre)
      const statement = destruction === undefined ? [] : [anchorOfDestruction(destruction)]
      const anchors: Anchor[] = [...statement, ...(log === null ? [] : [log])]
      // A copy: sealing wipes the keys, and a transaction takes longer than that.
      const privateKey = seal.keys.signingKey.slice()
      try {
        const transactionHashes = await this.#send({ rpcUrl, privateKey, anchors, clock })
        this.#lastCount = log?.number ?? 0
        return { count: this.#lastCount, transactionHashes }
      } finally {
        privateKey.fill(0)
      }
    })
  }

  async #send(request: SendAnchorsRequest): Promise<string[]> {
    try {
      return await sendAnchors(request)
    } catch (cause) {
      if (!isOrlopError(cause)) throw cause
      throw new KmcError('LEDGER_UNREACHABLE', `Nothing was anchored. ${cause.message}`, { cause })
    }
  }

  /** Anchors a statement and the log's end, where there is a ledger. @returns whether it did; the next anchor covers what it did not */
  async tryAnchor(destruction: Destruction): Promise<boolean> {
    if (!this.isOn) return false
    try {
      await this.anchor(destruction)
      return true
    } catch (error) {
      this.#logger.warn({ code: codeOf(error) }, 'a destruction could not be anchored yet')
      return false
    }
  }

  /** Anchors the log's end when there is something new. */
  async keepUp(): Promise<void> {
    if (!this.isOn) return
    const log = await anchorOfLog(this.#centre)
    if (log !== null && log.number > this.#lastCount) await this.anchor()
  }
}

function codeOf(error: unknown): string {
  return error instanceof KmcError ? error.code : 'INTERNAL'
}

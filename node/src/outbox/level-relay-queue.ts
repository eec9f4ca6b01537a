import { encodeHex } from '@orlop/crypto/bytes'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'
import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import type { RelayQueue, StorageMetrics } from '../storage/interfaces.ts'
import { KEY_SPACE } from '../storage/key-space.ts'
import type { IndexChange, LevelIndex } from '../storage/level-index.ts'
import { without } from '../storage/without.ts'
import { Backoff } from './backoff.ts'
import { LedgerLoop } from './ledger-loop.ts'
import { Listeners } from './listeners.ts'
import type { OutboxEvent } from './outbox-event.ts'
import { type RelayLedger, isStanding, putOnLedger } from './relay-verbs.ts'
import {
  type RelayQueueStatus,
  type RelayRecord,
  type RelayedMessage,
  kindOf,
} from './relayed-message.ts'
import type { Timers } from './timers.ts'

export interface RelayQueueOptions {
  /** How often sent messages are looked after until they are final; default 5 s. */
  followMs?: number
  /** First and longest delay while the ledger does not answer; default 1 s and 60 s. */
  backoff?: { startMs: number; ceilingMs: number }
  /** How long the ledger's refusals are taken as something that can pass (a receipt not recorded yet); default 7 days. */
  giveUpMs?: number
  /** How long messages without a transaction to look at are watched; default 10 min. */
  settleMs?: number
}

export interface RelayQueueDependencies {
  ledger: RelayLedger
  index: LevelIndex
  clock: Clock
  timers: Timers
  random: () => number
  logger: Logger
  metrics: StorageMetrics
}

const DEFAULTS = {
  followMs: 5_000,
  backoff: { startMs: 1_000, ceilingMs: 60_000 },
  giveUpMs: 7 * 24 * 3_600_000,
  settleMs: 600_000,
}

/** Refusals that no waiting changes. */
const FOR_GOOD = new Set([
  'AlreadyRecorded',
  'BadAck',
  'BadSignature',
  'CitationMismatch',
  'Expired',
  'ExpiryNotLater',
  'InvalidField',
  'Malformed',
  'ReceiptExpired',
  'SignerInUse',
  'StripRemoved',
  'WrongNonce',
])

/** {@link RelayQueue} in the node's index. */
export class LevelRelayQueue implements RelayQueue {
  readonly #parts: RelayQueueDependencies
  readonly #options: typeof DEFAULTS
  readonly #listeners = new Listeners<OutboxEvent>()
  /** For messages that the ledger refuses, each by its own attempts. */
  readonly #backoff: Backoff
  readonly #loop: LedgerLoop
  /** When each message is to be looked at next; rejected ones are not here. */
  readonly #nextMs = new Map<string, number>()

  private constructor(parts: RelayQueueDependencies, options: RelayQueueOptions) {
    this.#parts = parts
    this.#options = { ...DEFAULTS, ...options }
    const { backoff } = this.#options
    this.#backoff = new Backoff(backoff, parts.random)
    this.#loop = new LedgerLoop(() => this.#round(), parts, {
      backoff,
      waiting: 'relayed messages',
    })
  }

  static async open(
    parts: RelayQueueDependencies,
    options: RelayQueueOptions = {},
  ): Promise<LevelRelayQueue> {
    const queue = new LevelRelayQueue(parts, options)
    for await (const record of parts.index.values(KEY_SPACE.relays)) {
      if (record.rejected === undefined) queue.#nextMs.set(relayIdOf(record.message), 0)
    }
    return queue
  }

  get waiting(): number {
    return this.#nextMs.size
  }

  start(): Promise<void> {
    return this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  subscribe(listener: (event: OutboxEvent) => void): () => void {
    return this.#listeners.add(listener)
  }

  async submit(message: RelayedMessage): Promise<{ relayId: string }> {
    await this.#parts.index.write(await this.changesFor(message))
    this.added(message)
    return { relayId: relayIdOf(message) }
  }

  /** What {@link submit} writes, for callers that write it with changes of their own; {@link added} comes after. */
  async changesFor(message: RelayedMessage): Promise<IndexChange[]> {
    const { index, clock } = this.#parts
    const relayId = relayIdOf(message)
    const known = await index.get(KEY_SPACE.relays, relayId)
    if (known !== null && known.rejected === undefined) return []
    const record = { message, addedAtMs: clock.nowMs(), attempts: 0, nextAttemptMs: 0 }
    return [index.put(KEY_SPACE.relays, relayId, record)]
  }

  /** A message was written to the index. */
  added(message: RelayedMessage): void {
    this.#plan(relayIdOf(message), 0)
    this.#loop.wake()
  }

  async status(relayId: string): Promise<RelayQueueStatus | null> {
    const record = await this.#parts.index.get(KEY_SPACE.relays, relayId)
    if (record === null) return null
    const { sentAtMs, rejected, transactionHash, clientId, problem } = record
    return {
      state: rejected === true ? 'rejected' : sentAtMs === undefined ? 'waiting' : 'sent',
      ...(transactionHash !== undefined && { transactionHash }),
      ...(clientId !== undefined && { clientId }),
      ...(problem !== undefined && { problem }),
    }
  }

  /** @returns ms until there is more to do. */
  async #round(): Promise<number> {
    const nowMs = this.#parts.clock.nowMs()
    for (const [relayId, nextMs] of [...this.#nextMs]) {
      if (nextMs <= nowMs) await this.#handle(relayId)
    }
    return [...this.#nextMs.values()].reduce((a, b) => Math.min(a, b), Infinity) - nowMs
  }

  async #handle(relayId: string): Promise<void> {
    const record = await this.#parts.index.get(KEY_SPACE.relays, relayId)
    if (record === null) this.#forget(relayId)
    else if (record.sentAtMs === undefined) await this.#put(relayId, record)
    else await this.#follow(relayId, record, record.sentAtMs)
  }

  async #put(relayId: string, record: RelayRecord): Promise<void> {
    const { ledger, clock } = this.#parts
    try {
      const landing = await putOnLedger(ledger, record.message)
      const landed = { ...without(record, 'problem'), ...landing, sentAtMs: clock.nowMs() }
      await this.#write(relayId, landed)
      this.#plan(relayId, clock.nowMs() + this.#options.followMs)
      this.#listeners.emit({
        kind: 'relayed',
        relayId,
        message: kindOf(record.message),
        ...landing,
      })
    } catch (error) {
      if (!isOrlopError(error, 'LEDGER_REJECTED')) throw error
      await this.#refused(relayId, record, error)
    }
  }

  async #refused(
    relayId: string,
    record: RelayRecord,
    error: { message: string; details: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    const { clock, logger } = this.#parts
    const nowMs = clock.nowMs()
    const isForGood = FOR_GOOD.has(String(error.details['reason']))
    const attempts = record.attempts + 1
    const problem = error.message.slice(0, 500)
    if (!isForGood && nowMs - record.addedAtMs < this.#options.giveUpMs) {
      const nextAttemptMs = nowMs + this.#backoff.delayMs(attempts)
      await this.#write(relayId, { ...record, attempts, nextAttemptMs, problem })
      this.#plan(relayId, nextAttemptMs)
      return
    }
    await this.#write(relayId, { ...record, attempts, problem, rejected: true })
    this.#forget(relayId)
    const kind = kindOf(record.message)
    logger.error(
      { relayId, kind, reason: problem },
      'the ledger refused a relayed message for good',
    )
    this.#listeners.emit({ kind: 'relay-rejected', relayId, message: kind, reason: problem })
  }

  async #follow(relayId: string, record: RelayRecord, sentAtMs: number): Promise<void> {
    const { ledger, clock, index, logger } = this.#parts
    const standing = await isStanding(ledger, record)
    const isSettled = clock.nowMs() - sentAtMs >= this.#options.settleMs
    if (standing === 'final' || (standing === 'unknown' && isSettled)) {
      await index.write([index.drop(KEY_SPACE.relays, relayId)])
      this.#forget(relayId)
      this.#listeners.emit({ kind: 'relay-final', relayId, message: kindOf(record.message) })
      return
    }
    this.#plan(relayId, clock.nowMs() + this.#options.followMs)
    if (standing !== 'lost') return
    logger.warn({ relayId }, 'the ledger lost a relayed message; it is put there again')
    const { message, addedAtMs, attempts } = record
    await this.#write(relayId, { message, addedAtMs, attempts, nextAttemptMs: 0 })
    this.#plan(relayId, 0)
  }

  #write(relayId: string, record: RelayRecord): Promise<void> {
    const { index } = this.#parts
    return index.write([index.put(KEY_SPACE.relays, relayId, record)])
  }

  #plan(relayId: string, nextMs: number): void {
    this.#nextMs.set(relayId, nextMs)
    this.#parts.metrics.set('relay_messages', this.#nextMs.size)
  }

  #forget(relayId: string): void {
    this.#nextMs.delete(relayId)
    this.#parts.metrics.set('relay_messages', this.#nextMs.size)
  }
}

/** SHA-256 of the signed message, in hexadecimal: the same message has the same id. */
function relayIdOf(message: RelayedMessage): string {
  return encodeHex(sha256(encodeCbor(message)))
}

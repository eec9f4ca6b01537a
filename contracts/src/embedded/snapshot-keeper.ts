import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@orlop/protocol/clock'
import type { Logger } from '@orlop/protocol/logger'
import { getBytes } from 'ethers'
import { LedgerRpc } from '../rpc/ledger-rpc.ts'
import { RpcConnection, type RpcConnectionOptions } from '../rpc/rpc-connection.ts'
import { hexBytes } from '../rpc/rpc-shapes.ts'
import type { LedgerSnapshots } from './ledger-snapshots.ts'

/** A block of the embedded ledger is final for its clients when it is this old: by then it is on disk, or the ledger has stopped. */
export const EMBEDDED_FINALITY_MS = 30_000
/** Without a saved state for this long after a new block, the ledger stops rather than let clients believe in it. */
export const MAX_UNSAVED_MS = 25_000

const LOOK_MS = 250
const MIN_INTERVAL_MS = 1_000
const MAX_INTERVAL_MS = 5_000
/** Saving takes at most about a sixth of the time. */
const INTERVAL_PER_DURATION = 5
const DUMP_TIMEOUT_MS = 20_000
const MAX_DUMP_BYTES = 400_000_000

interface Parts {
  /** See {@link dumpRpc}. */
  rpc: LedgerRpc
  snapshots: LedgerSnapshots
  clock: Clock
  logger: Logger
}

/** A connection that whole states fit through; nothing is asked twice, since the keeper itself tries again. */
export function dumpRpc(
  rpcUrl: string,
  options: Pick<RpcConnectionOptions, 'fetch'> = {},
): LedgerRpc {
  const limits = { timeoutMs: DUMP_TIMEOUT_MS, retries: 0, maxAnswerBytes: MAX_DUMP_BYTES }
  return new LedgerRpc(new RpcConnection(rpcUrl, { ...limits, ...options }))
}

/** Writes the state of a running anvil to disk whenever it has new blocks. */
export class SnapshotKeeper {
  readonly #parts: Parts
  readonly #ending = new AbortController()
  #savedHash = ''
  #unsavedSinceMs: number | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Saves the state now, if it has a block that is not saved. */
  async save(): Promise<void> {
    const head = await this.#parts.rpc.block('latest')
    if (head === null || head.hash === this.#savedHash) return
    const { rpc, clock, logger, snapshots } = this.#parts
    this.#unsavedSinceMs ??= clock.monotonicMs()
    const startMs = clock.monotonicMs()
    const dump = getBytes(await rpc.ask('anvil_dumpState', [false], hexBytes))
    await snapshots.save(dump)
    this.#savedHash = head.hash
    this.#unsavedSinceMs = null
    const durationMs = Math.round(clock.monotonicMs() - startMs)
    logger.debug({ block: head.number, bytes: dump.length, durationMs }, 'ledger state saved')
  }

  /**
   * Saves until {@link SnapshotKeeper.end}. Resolves with false when the ledger must stop because its state could not be saved in
   * time, with true when it was ended.
   */
  async run(): Promise<boolean> {
    const { clock, logger } = this.#parts
    while (!this.#ending.signal.aborted) {
      const startMs = clock.monotonicMs()
      const wasSaved = this.#savedHash
      try {
        await this.save()
      } catch (error) {
        logger.error({ err: error }, 'the ledger state could not be saved; trying again')
        this.#unsavedSinceMs ??= startMs
      }
      if (this.#unsavedForMs() > MAX_UNSAVED_MS) return false
      const durationMs = clock.monotonicMs() - startMs
      const hasSaved = this.#savedHash !== wasSaved
      await this.#pause(hasSaved ? intervalAfter(durationMs) : LOOK_MS)
    }
    return true
  }

  /** Lets {@link SnapshotKeeper.run} resolve. */
  end(): void {
    this.#ending.abort()
  }

  #unsavedForMs(): number {
    const sinceMs = this.#unsavedSinceMs
    return sinceMs === null ? 0 : this.#parts.clock.monotonicMs() - sinceMs
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ending.signal }).catch(() => undefined)
  }
}

function intervalAfter(durationMs: number): number {
  const interval = durationMs * INTERVAL_PER_DURATION
  return Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, interval))
}

import type { Clock } from '@orlop/protocol/clock'
import type { NodeState } from '@orlop/protocol/ledger-records'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { NodeStorage } from '../storage/interfaces.ts'
import type { LedgerView } from './ledger-view.ts'
import type { Spreader } from './spreader.ts'

/** How a node is. `ok` means: it takes and gives strips, and its receipts reach the ledger. */
export interface HealthReport {
  ok: boolean
  nodeId: number
  /** As the ledger says; null when it does not know the node. */
  state: NodeState | null
  ledger: { ok: boolean; problem?: string }
  disk: {
    ok: boolean
    freeBytes: number
    /** Promised, but not on the disk when the node started. */
    missingStrips: number
    /** Found damaged since the node started. */
    damagedStrips: number
    problem?: string
  }
  outbox: { ok: boolean; waitingReceipts: number; waitingMessages: number; idleMs: number }
  spreads: { waitingStrips: number }
}

export interface HealthParts {
  nodeId: number
  reader: LedgerReader
  ledger: LedgerView
  storage: NodeStorage
  spreader: Spreader
  clock: Clock
}

const LEDGER_TIMEOUT_MS = 3_000
/** Receipts that wait for so long without any moving are a reason to look. */
const STUCK_OUTBOX_MS = 600_000

/** Looks at the parts of a node and tells the truth about them. */
export class Health {
  readonly #parts: HealthParts
  #lastMoveMs: number

  constructor(parts: HealthParts) {
    this.#parts = parts
    this.#lastMoveMs = parts.clock.monotonicMs()
    parts.storage.outbox.subscribe(({ kind }) => {
      if (kind === 'recorded' || kind === 'final') this.#lastMoveMs = parts.clock.monotonicMs()
    })
  }

  async report(): Promise<HealthReport> {
    const { nodeId, spreader } = this.#parts
    const [ledger, disk, state] = await Promise.all([this.#ledger(), this.#disk(), this.#state()])
    const outbox = this.#outbox()
    return {
      ok: ledger.ok && disk.ok && outbox.ok && state === 'admitted',
      nodeId,
      state,
      ledger,
      disk,
      outbox,
      spreads: { waitingStrips: spreader.waiting },
    }
  }

  async #ledger(): Promise<HealthReport['ledger']> {
    try {
      await this.#parts.reader.head({ signal: AbortSignal.timeout(LEDGER_TIMEOUT_MS) })
      return { ok: true }
    } catch (error) {
      return { ok: false, problem: textOf(error) }
    }
  }

  async #disk(): Promise<HealthReport['disk']> {
    const { blobs, recovery, strips } = this.#parts.storage
    const faults = { missingStrips: recovery.missing.length, damagedStrips: strips.damagedStrips }
    const isWhole = faults.missingStrips + faults.damagedStrips === 0
    try {
      return { ok: isWhole, freeBytes: await blobs.freeBytes(), ...faults }
    } catch (error) {
      return { ok: false, freeBytes: 0, ...faults, problem: textOf(error) }
    }
  }

  #outbox(): HealthReport['outbox'] {
    const { storage, clock } = this.#parts
    const waitingReceipts = storage.outbox.waiting
    const waitingMessages = storage.relay.waiting
    if (waitingReceipts === 0) this.#lastMoveMs = clock.monotonicMs()
    const idleMs = Math.round(clock.monotonicMs() - this.#lastMoveMs)
    return { ok: idleMs < STUCK_OUTBOX_MS, waitingReceipts, waitingMessages, idleMs }
  }

  async #state(): Promise<NodeState | null> {
    const { ledger, nodeId } = this.#parts
    try {
      return (await ledger.node(nodeId))?.state ?? null
    } catch {
      return null
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}

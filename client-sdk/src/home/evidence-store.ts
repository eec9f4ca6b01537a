import * as z from 'zod'
import type { NodeEvidence } from '../placement/node-evidence.ts'
import { NO_EVIDENCE } from '../placement/node-evidence.ts'
import { type HomeDatabase, RecordTable } from './table.ts'

const evidenceRecord = z.strictObject({
  latencyMs: z.union([z.number().nonnegative(), z.null()]),
  recentFailures: z.int().nonnegative(),
  notBeforeMs: z.int().nonnegative(),
  distrustedUntilMs: z.int().nonnegative(),
})

/** Weight of the newest round trip in the smoothed one, as TCP smooths its own (RFC 6298 section 2). */
const LATENCY_GAIN = 1 / 8

/** What this client has measured of the nodes it met. Kept over restarts; losing it costs only better guesses. */
export class EvidenceStore {
  readonly #table: RecordTable<NodeEvidence>
  readonly #known = new Map<number, NodeEvidence>()

  private constructor(database: HomeDatabase) {
    this.#table = new RecordTable<NodeEvidence>(database, {
      name: 'evidence',
      schema: evidenceRecord,
    })
  }

  /** Reads what earlier runs measured. */
  static async open(database: HomeDatabase): Promise<EvidenceStore> {
    const store = new EvidenceStore(database)
    for await (const [key, evidence] of store.#table.entries()) {
      store.#known.set(Number(key), evidence)
    }
    return store
  }

  /** What is known of a node; nothing yet when it was never met. */
  of(nodeId: number): NodeEvidence {
    return this.#known.get(nodeId) ?? NO_EVIDENCE
  }

  /** The node answered, after so many milliseconds. */
  async answered(nodeId: number, roundTripMs: number): Promise<void> {
    const before = this.of(nodeId)
    const latencyMs =
      before.latencyMs === null
        ? roundTripMs
        : before.latencyMs + LATENCY_GAIN * (roundTripMs - before.latencyMs)
    await this.#set(nodeId, { ...before, latencyMs, recentFailures: 0 })
  }

  /** The node could not be reached, or a stream with it broke. */
  async failed(nodeId: number): Promise<void> {
    const before = this.of(nodeId)
    await this.#set(nodeId, { ...before, recentFailures: before.recentFailures + 1 })
  }

  /** The node refused and asked not to be asked before this wall time. */
  async askedToWait(nodeId: number, notBeforeMs: number): Promise<void> {
    await this.#set(nodeId, { ...this.of(nodeId), notBeforeMs })
  }

  /** The node broke its word, or sent data that is not what it holds a receipt for: it gets nothing new until this wall time. */
  async distrust(nodeId: number, untilMs: number): Promise<void> {
    await this.#set(nodeId, { ...this.of(nodeId), distrustedUntilMs: untilMs })
  }

  /** Forgets what is known of a node, after its operator repaired it. */
  async forgive(nodeId: number): Promise<void> {
    this.#known.delete(nodeId)
    await this.#table.delete(String(nodeId))
  }

  async #set(nodeId: number, evidence: NodeEvidence): Promise<void> {
    this.#known.set(nodeId, evidence)
    await this.#table.put(String(nodeId), evidence)
  }
}

import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { RegistryCache } from '../home/registry-cache.ts'

export interface NodeDirectoryDependencies {
  readonly ledger: LedgerReader
  readonly cache: RegistryCache
  readonly clock: Clock
  /** How old a list may be and still be used without asking, milliseconds. */
  readonly maxAgeMs: number
}

/** The nodes by the ledger, with a copy on disk for the time when the ledger is away. */
export class NodeDirectory {
  readonly #deps: NodeDirectoryDependencies
  #nodes: NodeRecord[] = []
  #readMonotonicMs: number | null = null

  constructor(dependencies: NodeDirectoryDependencies) {
    this.#deps = dependencies
  }

  /**
   * Every node, read from the ledger at most `maxAgeMs` ago; an older copy when the ledger does not answer.
   *
   * @throws OrlopError `LEDGER_UNREACHABLE` when there is no copy either.
   */
  async all(
    options: { readonly signal?: AbortSignal; readonly fresh?: boolean } = {},
  ): Promise<NodeRecord[]> {
    const { ledger, cache, clock, maxAgeMs } = this.#deps
    const ageMs =
      this.#readMonotonicMs === null ? Infinity : clock.monotonicMs() - this.#readMonotonicMs
    if (ageMs <= maxAgeMs && options.fresh !== true) return this.#nodes
    try {
      this.#nodes = await ledger.nodes(options)
      this.#readMonotonicMs = clock.monotonicMs()
      await cache.putNodes({ nodes: this.#nodes, readMs: Math.trunc(clock.nowMs()) })
    } catch (error) {
      if (!isOrlopError(error, 'LEDGER_UNREACHABLE')) throw error
      if (this.#nodes.length === 0) this.#nodes = await this.known()
      if (this.#nodes.length === 0) throw error
    }
    return this.#nodes
  }

  /** What is known without asking the ledger; empty when it was never read. */
  async known(): Promise<NodeRecord[]> {
    if (this.#nodes.length > 0) return this.#nodes
    return (await this.#deps.cache.nodes())?.nodes ?? []
  }

  /** One node. @throws OrlopError `NODE_UNREACHABLE` when the ledger names no such node. */
  async byId(nodeId: number, options: { readonly signal?: AbortSignal } = {}): Promise<NodeRecord> {
    const known = (await this.all(options)).find((node) => node.nodeId === nodeId)
    const node =
      known ?? (await this.all({ ...options, fresh: true })).find((one) => one.nodeId === nodeId)
    if (node !== undefined) return node
    throw new OrlopError(
      'NODE_UNREACHABLE',
      `The ledger names no node ${nodeId}. Check that the ledger is the right one and complete.`,
      { details: { nodeId } },
    )
  }
}

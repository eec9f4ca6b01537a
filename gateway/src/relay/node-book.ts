import type { Clock } from '@orlop/protocol/clock'
import type { NodeRecord } from '@orlop/protocol/ledger-records'

export interface NodeBookOptions {
  /** Every node of the registry, whatever its state; `LedgerReader.nodes` does. */
  readNodes: (options: { signal?: AbortSignal }) => Promise<readonly NodeRecord[]>
  freshMs: number
  clock: Clock
}

/** The nodes that browsers may be connected to, as the registry said a short while ago. */
export class NodeBook {
  readonly #options: NodeBookOptions
  #addresses = new Map<string, string[]>()
  #readMs = -Infinity
  #reading: Promise<void> | null = null

  constructor(options: NodeBookOptions) {
    this.#options = options
  }

  /**
   * Where that node is reached; null when the registry has no such node, or has let it go. While the ledger is away the last view counts.
   *
   * @throws OrlopError `LEDGER_UNREACHABLE` when there was no view yet, and what else the reader throws.
   */
  async addressesOf(peerId: string): Promise<string[] | null> {
    const { clock, freshMs } = this.#options
    if (clock.monotonicMs() - this.#readMs >= freshMs) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = null
      })
      try {
        await this.#reading
      } catch (error) {
        if (this.#readMs === -Infinity) throw error
      }
    }
    return this.#addresses.get(peerId) ?? null
  }

  async #read(): Promise<void> {
    const nodes = await this.#options.readNodes({})
    const served = nodes.filter(({ state }) => state === 'admitted' || state === 'draining')
    this.#addresses = new Map(served.map(({ peerId, addresses }) => [peerId, addresses]))
    this.#readMs = this.#options.clock.monotonicMs()
  }
}

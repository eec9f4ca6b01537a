import { systemClock } from '@orlop/protocol/clock'
import type { Startable } from '@orlop/protocol/lifecycle'
import { silentLogger } from '@orlop/protocol/logger'
import type { WireBytes } from '@orlop/transport/transport'
import type { HealthReport } from './network/health.ts'
import { noMeter } from './network/node-meter.ts'
import type { CheckedDependencies, NodeDependencies } from './node-dependencies.ts'
import { checkNodeOptions, type CheckedNodeOptions, type NodeOptions } from './options.ts'
import { systemTimers } from './outbox/timers.ts'
import { RunningNode } from './running-node.ts'
import type { NodeStorage } from './storage/interfaces.ts'

/** A storage node: `start` resolves when it is registered and serves. */
export interface StorageNode extends Startable {
  /** 0 before the first start. */
  readonly nodeId: number
  readonly peerId: string
  readonly addresses: string[]
  readonly wireBytes: WireBytes
  /** The node's own disk; null while it does not run. */
  readonly storage: NodeStorage | null
  health(): Promise<HealthReport>
}

/**
 * Puts a storage node together. Everything that reaches outside comes as a dependency, so that tests run many nodes in one process.
 *
 * @throws OrlopError `CONFIG_INVALID` for options that are not valid.
 */
export function createNode(dependencies: NodeDependencies, options: NodeOptions): StorageNode {
  return new ComposedNode(
    {
      clock: systemClock,
      timers: systemTimers,
      random: Math.random,
      logger: silentLogger,
      meter: noMeter,
      ...dependencies,
    },
    checkNodeOptions(options),
  )
}

class ComposedNode implements StorageNode {
  readonly #dependencies: CheckedDependencies
  readonly #options: CheckedNodeOptions
  #running: RunningNode | null = null
  #change: Promise<void> = Promise.resolve()

  constructor(dependencies: CheckedDependencies, options: CheckedNodeOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  get nodeId(): number {
    return this.#running?.nodeId ?? 0
  }

  get peerId(): string {
    return this.#running?.transport.peerId ?? ''
  }

  get addresses(): string[] {
    return this.#running?.transport.addresses ?? []
  }

  get wireBytes(): WireBytes {
    return this.#running?.transport.wireBytes ?? { sentBytes: 0, receivedBytes: 0 }
  }

  get storage(): NodeStorage | null {
    return this.#running?.storage ?? null
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#running ??= await RunningNode.start(this.#dependencies, this.#options)
    })
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#running?.stop()
      this.#running = null
    })
  }

  health(): Promise<HealthReport> {
    if (this.#running === null) throw new TypeError('health: expected a started node')
    return this.#running.health.report()
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#change.then(change)
    this.#change = done.catch(() => undefined)
    return done
  }
}

import type { Transport } from '@orlop/transport/transport'
import { type AssembledNode, Assembly } from './assembly.ts'
import type { Health } from './network/health.ts'
import type { CheckedDependencies } from './node-dependencies.ts'
import type { CheckedNodeOptions } from './options.ts'
import type { NodeStorage } from './storage/interfaces.ts'

/** One run of a node, from lock to lock. */
export class RunningNode {
  readonly nodeId: number
  readonly transport: Transport
  readonly storage: NodeStorage
  readonly health: Health
  readonly #stops: readonly (() => Promise<void>)[]

  private constructor(node: AssembledNode, stops: readonly (() => Promise<void>)[]) {
    this.nodeId = node.nodeId
    this.transport = node.transport
    this.storage = node.storage
    this.health = node.health
    this.#stops = stops
  }

  /** What was begun is undone when a step fails. */
  static async start(
    dependencies: CheckedDependencies,
    options: CheckedNodeOptions,
  ): Promise<RunningNode> {
    const assembly = new Assembly(dependencies, options)
    try {
      return new RunningNode(await assembly.run(), assembly.stops)
    } catch (error) {
      await undo(assembly.stops)
      throw error
    }
  }

  async stop(): Promise<void> {
    await undo(this.#stops)
  }
}

/** Ends in the opposite order of beginning; one failure does not keep the others from ending. */
async function undo(stops: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const stop of stops.toReversed()) {
    await stop().catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}

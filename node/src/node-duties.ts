import { AdmissionDesk } from './network/admission-desk.ts'
import type { Duty } from './network/duties.ts'
import type { CheckedDependencies } from './node-dependencies.ts'
import type { CheckedNodeOptions } from './options.ts'
import type { NodeStorage } from './storage/interfaces.ts'

/** What the duties of a node work on. */
export interface DutyParts {
  nodeId: number
  dependencies: CheckedDependencies
  options: CheckedNodeOptions
  storage: NodeStorage
  /** Registers, where the start could not. */
  register: () => Promise<void>
  /** Asks the ledger for receipts the disk forgot. */
  reconcile: () => Promise<void>
  writeSnapshot: () => Promise<void>
}

/** What a node does again and again, besides serving. */
export function nodeDuties(parts: DutyParts): Duty[] {
  const { nodeId, storage, options } = parts
  const { chain, clock, logger } = parts.dependencies
  const { admitClients: clients, admitNodes: nodes } = options
  const desk = new AdmissionDesk({ chain, clock, logger }, { clients, nodes })
  const heartbeat = async () => {
    await parts.register()
    await chain.heartbeat(await storage.reservations.freeBytes())
    // Afterwards: the home is to know of this heartbeat.
    await parts.reconcile()
  }
  const sweep = async () => {
    logger.debug(await storage.sweep(), 'swept')
  }
  return [
    { name: 'heartbeat', everyMs: options.heartbeatMs, atOnce: true, run: heartbeat },
    { name: 'admission', everyMs: options.admissionMs, atOnce: true, run: () => desk.run(nodeId) },
    { name: 'sweep', everyMs: options.sweepMs, atOnce: false, run: sweep },
    { name: 'snapshot', everyMs: options.snapshotMs, atOnce: false, run: parts.writeSnapshot },
  ]
}

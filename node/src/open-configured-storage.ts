import type { CheckedDependencies } from './node-dependencies.ts'
import type { CheckedNodeOptions } from './options.ts'
import type { NodeStorage } from './storage/interfaces.ts'
import { openNodeStorage } from './storage/open-node-storage.ts'

/** Opens a node's storage as its options say. @throws OrlopError as {@link openNodeStorage} does. */
export function openConfiguredStorage(
  nodeId: number,
  dependencies: CheckedDependencies,
  options: CheckedNodeOptions,
): Promise<NodeStorage> {
  const { chain, clock, timers, random, logger, blobs, storageMetrics } = dependencies
  const { home, capacityBytes, reserveDiskBytes, maxStripBytes, repairIndex } = options
  const { receiptBatch, receiptMaxAgeMs } = options
  return openNodeStorage(
    {
      nodeId,
      ledger: chain,
      clock,
      timers,
      random,
      logger,
      ...(blobs === undefined ? {} : { blobs }),
      ...(storageMetrics === undefined ? {} : { metrics: storageMetrics }),
    },
    {
      home,
      capacityBytes,
      repairIndex,
      ...(reserveDiskBytes === undefined ? {} : { reserveDiskBytes }),
      ...(maxStripBytes === undefined ? {} : { reservations: { maxStripBytes } }),
      outbox: {
        ...(receiptBatch === undefined ? {} : { batchReceipts: receiptBatch }),
        ...(receiptMaxAgeMs === undefined ? {} : { maxAgeMs: receiptMaxAgeMs }),
      },
    },
  )
}

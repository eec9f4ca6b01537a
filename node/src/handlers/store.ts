import { storeRequest } from '@orlop/protocol/wire/store'
import type { ChannelHandler } from '@orlop/transport/transport'
import type { NodeParts } from '../network/node-parts.ts'
import { requireClient } from '../network/peer-gate.ts'
import { takeStrip } from '../network/take-strip.ts'
import { receiveValue, sendValue } from '../network/wire.ts'

/** `store`: takes the sealed stream from the client, once, resuming where this node's disk ends. */
export function createStoreHandler(parts: NodeParts): ChannelHandler {
  const { storage, clock, timers, limits } = parts
  return async (channel) => {
    const key = await receiveValue(channel, storeRequest)
    requireClient(channel, key.clientId)
    const staging = await storage.strips.stage(key)
    try {
      const idleMs = limits.senderIdleMs
      const { root, stripBytes } = await takeStrip(channel, staging, { clock, timers, idleMs })
      await sendValue(channel, { storedBytes: stripBytes, root })
    } finally {
      await staging.close()
    }
  }
}

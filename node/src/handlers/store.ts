import { storeRequest } from '@orlop/protocol/wire/store'
import type { ChannelHandler } from '@orlop/transport/transport'
import { AheadCopies } from '../network/ahead-copies.ts'
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
    const ahead = await AheadCopies.begin(parts, key, staging.receivedBytes)
    try {
      const { root, stripBytes } = await takeStrip(channel, staging, {
        clock,
        timers,
        idleMs: limits.senderIdleMs,
        ...(ahead === null ? {} : { onTaken: (data) => ahead.push(data) }),
      })
      ahead?.end(stripBytes)
      await sendValue(channel, { storedBytes: stripBytes, root })
    } catch (error) {
      ahead?.stop()
      throw error
    } finally {
      await staging.close()
    }
  }
}

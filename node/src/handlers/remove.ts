import { OrlopError } from '@orlop/protocol/errors'
import { extendType, removeType } from '@orlop/protocol/messages/keeping'
import { removeRequest } from '@orlop/protocol/wire/remove'
import type { ChannelHandler } from '@orlop/transport/transport'
import type { NodeParts } from '../network/node-parts.ts'
import { RateLimiter } from '../network/rate-limiter.ts'
import { receiveValue, sendValue } from '../network/wire.ts'

/** `remove`: gives strips up, or keeps them longer, as the client signed. The ledger is told in either case. */
export function createRemoveHandler(parts: NodeParts): ChannelHandler {
  const { storage, ledger, clock, limits } = parts
  const messages = new RateLimiter({
    clock,
    burst: limits.relaySubmitsPerMinute,
    perMinute: limits.relaySubmitsPerMinute,
    what: 'removals and extensions',
  })
  return async (channel) => {
    messages.take(channel.peer.account)
    const request = await receiveValue(channel, removeRequest)
    if ('remove' in request) {
      const { remove } = request
      await ledger.assertSignedByClient(removeType, remove, remove.message.clientId)
      await sendValue(channel, { strips: await storage.strips.remove(remove) })
      return
    }
    const { extend } = request
    await ledger.assertSignedByClient(extendType, extend, extend.message.clientId)
    if (extend.message.expiry * 1000 <= clock.nowMs()) {
      throw new OrlopError(
        'MALFORMED_MESSAGE',
        'The new expiry has passed already. Choose a time to come; expiries only grow.',
      )
    }
    await sendValue(channel, { strips: await storage.strips.extend(extend) })
  }
}

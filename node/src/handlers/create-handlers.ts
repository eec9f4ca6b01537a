import type { Verb } from '@orlop/protocol/wire/frame'
import type { ChannelHandler } from '@orlop/transport/transport'
import type { NodeParts } from '../network/node-parts.ts'
import { createCommitHandler } from './commit.ts'
import { createEnvelopeHandler } from './envelope.ts'
import { createFetchHandler } from './fetch.ts'
import { createOfferHandler } from './offer.ts'
import { createRelayHandler } from './relay.ts'
import { createRemoveHandler } from './remove.ts'
import { createSpreadHandler } from './spread.ts'
import { createStatusHandler } from './status.ts'
import { createStoreHandler } from './store.ts'

/** Every verb a node serves. */
export function createHandlers(parts: NodeParts): Record<Exclude<Verb, 'hello'>, ChannelHandler> {
  return {
    offer: createOfferHandler(parts),
    store: createStoreHandler(parts),
    spread: createSpreadHandler(parts),
    commit: createCommitHandler(parts),
    fetch: createFetchHandler(parts),
    status: createStatusHandler(parts),
    envelope: createEnvelopeHandler(parts),
    remove: createRemoveHandler(parts),
    relay: createRelayHandler(parts),
  }
}

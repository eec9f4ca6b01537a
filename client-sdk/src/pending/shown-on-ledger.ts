import { equalConstantTime } from '@orlop/crypto/bytes'
import type { ObjectEvent } from '@orlop/protocol/ledger-records'
import type { ClientContext } from '../context.ts'
import type { PendingMessage } from '../home/pending-store.ts'

type ObjectMessage = Exclude<PendingMessage, { kind: 'rating' | 'receipts' | 'envelope' }>

/**
 * When the ledger recorded a message of this client, wall milliseconds; null when it does not show it.
 *
 * @throws OrlopError `LEDGER_UNREACHABLE`.
 */
export async function shownOnLedgerMs(
  context: ClientContext,
  pending: Exclude<PendingMessage, { kind: 'receipts' }>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<number | null> {
  if (pending.kind === 'rating') {
    const { clientId, nodeId, sequence } = pending.rating.message
    for await (const event of context.ledger.creditEvents({ clientId, nodeId }, options)) {
      if (event.sequence === sequence) return event.position.blockTimeMs
    }
    return null
  }
  if (pending.kind === 'envelope') return null
  const { objectId, clientId } = messageOf(pending)
  for await (const event of context.ledger.objectEvents({ objectId, clientId }, options)) {
    if (isShownBy(pending, event)) return event.position.blockTimeMs
  }
  return null
}

function isShownBy(pending: ObjectMessage, event: ObjectEvent): boolean {
  switch (pending.kind) {
    case 'anchor': {
      const { version, envelopeHash } = pending.update.message
      if (event.kind !== 'envelope') return false
      // A later version on the ledger makes this one needless.
      if (event.version !== version) return event.version > version
      return equalConstantTime(event.envelopeHash, envelopeHash)
    }
    case 'remove':
      return event.kind === 'removed' && event.index === pending.remove.message.index
    case 'extend': {
      const { index, expiry } = pending.extend.message
      return event.kind === 'extended' && event.index === index && event.expiry >= expiry
    }
  }
}

function messageOf(pending: ObjectMessage): {
  objectId: Uint8Array
  clientId: number
} {
  switch (pending.kind) {
    case 'anchor':
      return pending.update.message
    case 'remove':
      return pending.remove.message
    case 'extend':
      return pending.extend.message
  }
}

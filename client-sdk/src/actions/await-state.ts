import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { pause } from '../pause.ts'
import { followReceipts } from '../pending/follow-receipts.ts'
import { tendPending } from '../pending/tend-pending.ts'
import { lookAtLedger } from '../retrieve/refresh-entry.ts'

/** `stored`: every strip has its node's signature. `recorded`: every receipt is on the ledger. `final`: the ledger cannot lose it. */
export type AwaitedState = 'stored' | 'recorded' | 'final'

const ORDER: readonly CatalogueEntry['state'][] = ['stored', 'recorded', 'final']

/**
 * Waits until one of this client's own objects has come as far as `state`, looking at the ledger again and again. Receipts that
 * their nodes withhold are put there through other nodes.
 *
 * @returns its catalogue entry.
 * @throws OrlopError `OBJECT_NOT_FOUND` when the catalogue does not have it; `OBJECT_REMOVED`; `ABORTED` on the signal.
 */
export async function awaitState(
  outer: ClientContext,
  request: { readonly objectId: Uint8Array; readonly state: AwaitedState },
  options: ActionOptions = {},
): Promise<CatalogueEntry> {
  const context = contextFor(outer, options)
  const { objectId, state } = request
  const objectName = formatObjectId(objectId)
  let entry = await context.home.catalogue.get(objectId, context.identity.clientId)
  for (;;) {
    if (entry === null) throw notFound(objectName)
    if (entry.state === 'removed') throw removed(objectName)
    if (ORDER.indexOf(entry.state) >= ORDER.indexOf(state)) return entry
    const look = await lookAtLedger(context, entry, signalOf(options))
    await followReceipts(context, look, signalOf(options))
    if (look.entry.state === entry.state) {
      await pause(context.settings.pollMs, 'Waiting for the ledger', options.signal)
    } else outer.background.runOnce('hand on ratings', (signal) => tendPending(outer, { signal }))
    entry = look.entry
  }
}

function notFound(objectName: string): OrlopError {
  return new OrlopError(
    'OBJECT_NOT_FOUND',
    `${objectName} is not in this client's catalogue. Check the name; 'recover' rebuilds the catalogue from the ledger.`,
  )
}

function removed(objectName: string): OrlopError {
  return new OrlopError(
    'OBJECT_REMOVED',
    `${objectName} was removed by its owner. Nothing is left to wait for.`,
  )
}

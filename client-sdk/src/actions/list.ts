import { isOrlopError } from '@orlop/protocol/errors'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { collect } from '../retrieve/collect.ts'
import { recover } from './recover.ts'

/** What is listed. */
export interface ListRequest {
  /** Reads the ledger again for what was stored from elsewhere with the same keys. */
  readonly refresh?: boolean
  /** Shows removed objects too. */
  readonly includeRemoved?: boolean
}

/**
 * The objects of this client's catalogue, the newest first: its own, and those of others that it has opened. A catalogue that was
 * lost, or never made, is rebuilt from keys and ledger first.
 *
 * @throws OrlopError as `recover` when the catalogue must be rebuilt. A ledger that is away is no error while there is a catalogue.
 */
export async function list(
  context: ClientContext,
  request: ListRequest = {},
  options: ActionOptions = {},
): Promise<CatalogueEntry[]> {
  const { catalogue } = context.home
  const wasSynced = (await catalogue.syncedTo()) !== null
  if (!wasSynced || request.refresh === true) {
    try {
      await recover(context, options)
    } catch (error) {
      const mayBeOld =
        isOrlopError(error, 'LEDGER_UNREACHABLE') || isOrlopError(error, 'NOT_ADMITTED')
      const entries = await collect(catalogue.entries())
      if (!mayBeOld || entries.length === 0) throw error
    }
  }
  const entries = await collect(catalogue.entries())
  return entries
    .filter(({ state }) => request.includeRemoved === true || state !== 'removed')
    .sort((left, right) => right.storedMs - left.storedMs)
}

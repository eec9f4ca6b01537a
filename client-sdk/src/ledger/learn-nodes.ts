import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { type ActionOptions, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'

/**
 * Finds nodes to ask, on the ledger, for a client that the ledger does not know yet. Where the ledger is read through nodes, those to
 * begin with have to do.
 *
 * @throws OrlopError `ABORTED`.
 */
export async function learnNodes(
  { directory }: ClientContext,
  options: ActionOptions,
): Promise<void> {
  try {
    await directory.all(signalOf(options))
  } catch (error) {
    throwIfAborted(options.signal, 'Looking for nodes')
    if (!isOrlopError(error)) throw error
  }
}

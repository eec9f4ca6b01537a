import { isOrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, signalOf } from './action-options.ts'
import type { ClientContext } from './context.ts'

/**
 * A keyring on a fresh home folder: asks the ledger once who it belongs to, so that nodes serve it as the client it is and not as a
 * guest. A ledger that is away is no failure here; who needs it says so.
 */
export async function recogniseSelf(
  context: ClientContext,
  options: ActionOptions = {},
): Promise<void> {
  const { identity, ledger, network } = context
  if (identity.record !== null) return
  try {
    // Whom the nodes know as a guest must say hello anew to be a client.
    if (await identity.refresh(ledger, signalOf(options))) await network.disconnect()
  } catch (error) {
    if (!isOrlopError(error) || !error.isRetryable || options.signal?.aborted === true) throw error
  }
}

import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, signalOf } from './action-options.ts'
import type { ClientContext } from './context.ts'

/**
 * Makes sure that this client may store: registered, and admitted as far as the ledger says now.
 *
 * @returns its number.
 * @throws OrlopError `NOT_ADMITTED` with what to do about it.
 */
export async function requireAdmitted(
  context: ClientContext,
  options: ActionOptions = {},
): Promise<number> {
  const { identity, ledger, network } = context
  const before = identity.record
  if (before?.state !== 'admitted') {
    await identity.refresh(ledger, signalOf(options))
    // Whom the nodes know as a guest must say hello anew to be a client.
    if (identity.record?.clientId !== before?.clientId) await network.disconnect()
  }
  const { clientId } = identity
  const state = identity.record?.state
  if (state === 'admitted') return clientId
  throw new OrlopError(
    'NOT_ADMITTED',
    state === 'suspended'
      ? `Client ${clientId} is suspended by the steward. Ask the steward for the reason.`
      : `Client ${clientId} is registered and waits for the steward to admit it. Ask the steward, then try again.`,
    { details: { clientId } },
  )
}

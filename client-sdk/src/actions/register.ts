import type { ClientRecord } from '@orlop/protocol/ledger-records'
import { registerClientType } from '@orlop/protocol/messages/identity'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { learnNodes } from '../ledger/learn-nodes.ts'
import { relayUntilShown } from '../ledger/relay-until-shown.ts'

/** How the client wants to be known; public on the ledger. */
export interface RegisterRequest {
  /** Ship or application name, at most 256 characters. */
  readonly name: string
  /** IMO ship number; 0, or left out, for a shore application. */
  readonly imoNumber?: number
}

/**
 * Puts this client on the ledger: a signed message that a node relays at its own expense. Registering again changes nothing. The
 * steward then admits the client; `record.state` says whether that has happened.
 *
 * @returns the client's record on the ledger.
 * @throws OrlopError `NODE_UNREACHABLE` when no node relays it; `LEDGER_UNREACHABLE`, `LEDGER_REJECTED`; `ABORTED`.
 */
export async function register(
  outer: ClientContext,
  request: RegisterRequest,
  options: ActionOptions = {},
): Promise<ClientRecord> {
  const context = contextFor(outer, options)
  const { identity, ledger, network } = context
  if (!(await identity.refresh(ledger, signalOf(options)))) {
    const { address, openingPublicKey } = identity.keySet
    const registerClient = identity.sign(registerClientType, {
      signer: address,
      recovery: identity.keyring.recoveryAddress,
      openingKey: openingPublicKey,
      imoNumber: request.imoNumber ?? 0,
      name: request.name,
    })
    await learnNodes(context, options)
    const isShown = () => identity.refresh(ledger, signalOf(options))
    await relayUntilShown(context, { request: { registerClient }, isShown }, options)
    // Nodes know this connection as a guest's; the next hello is a client's.
    await network.disconnect()
  }
  const { record } = identity
  if (record === null) throw new TypeError('register: expected a record after registration')
  return record
}

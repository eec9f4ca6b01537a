import { signMessage } from '@orlop/protocol/typed-message'
import type { ClientRecord } from '@orlop/protocol/ledger-records'
import { rotateSignerType } from '@orlop/protocol/messages/identity'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { relayUntilShown } from '../ledger/relay-until-shown.ts'

/**
 * Replaces this client's ledger and opening keys by fresh ones, with the recovery key: for after a theft, or as a habit. The former
 * keys stay in the keyring and still open what was sealed to them; `rewrap` moves objects to the new key.
 *
 * @param request.recoverySecretKey - 32 bytes; not kept. Wipe it afterwards.
 * @returns the client's record with the new keys.
 * @throws OrlopError `NOT_ADMITTED` before registration; `SIGNATURE_INVALID` for a wrong recovery key; `NODE_UNREACHABLE`.
 */
export async function rotate(
  outer: ClientContext,
  request: { readonly recoverySecretKey: Uint8Array },
  options: ActionOptions = {},
): Promise<ClientRecord> {
  const context = contextFor(outer, options)
  const { identity, ledger, network, deployment } = context
  await identity.refresh(ledger, signalOf(options))
  const { clientId } = identity
  const nonce = identity.record?.nonce ?? 0
  // A rotation that was interrupted has left new keys in front of those the ledger knows.
  const [newest] = identity.keyring.keySets
  const isPrepared = newest !== undefined && newest !== identity.keySet
  const next = isPrepared ? newest : await identity.keyring.addKeySet()
  const rotateSigner = signMessage(
    rotateSignerType,
    deployment,
    { clientId, newSigner: next.address, newOpeningKey: next.openingPublicKey, nonce },
    request.recoverySecretKey,
  )
  const isShown = async () => {
    await identity.refresh(ledger, signalOf(options))
    return identity.record?.signer.toLowerCase() === next.address.toLowerCase()
  }
  await relayUntilShown(context, { request: { rotateSigner }, isShown }, options)
  await network.disconnect()
  const { record } = identity
  if (record === null) throw new TypeError('rotate: expected a record after rotation')
  return record
}

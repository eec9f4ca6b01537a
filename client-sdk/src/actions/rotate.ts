import { OrlopError } from '@orlop/protocol/errors'
import { signMessage } from '@orlop/protocol/typed-message'
import type { ClientRecord } from '@orlop/protocol/ledger-records'
import { rotateSignerType } from '@orlop/protocol/messages/identity'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { KeySet } from '../keyring/key-set.ts'
import { learnNodes } from '../ledger/learn-nodes.ts'
import { relayUntilShown } from '../ledger/relay-until-shown.ts'

/** Whose keys are replaced, and by what right. */
export interface RotateRequest {
  /** secp256k1, 32 bytes; not kept. Wipe it afterwards. */
  readonly recoverySecretKey: Uint8Array
  /** The client, for a keyring that the ledger does not know: a fresh one, where the former computer and its keyring are gone. */
  readonly clientId?: number
}

/**
 * Replaces this client's ledger and opening keys by fresh ones, with the recovery key: for after a theft, or as a habit. The former
 * keys stay in the keyring and still open what was sealed to them; `rewrap` moves objects to the new key. A fresh keyring takes a
 * client over when `clientId` is given; what was sealed to the keys that are gone stays shut.
 *
 * @returns the client's record with the new keys.
 * @throws OrlopError `NOT_ADMITTED` when the ledger does not know the keyring and no client is named; `USAGE` when there is no such
 *   client, or the keyring is another client's; `SIGNATURE_INVALID` for a wrong recovery key; `NODE_UNREACHABLE`.
 */
export async function rotate(
  outer: ClientContext,
  request: RotateRequest,
  options: ActionOptions = {},
): Promise<ClientRecord> {
  const context = contextFor(outer, options)
  const { identity, ledger, network, deployment } = context
  const { clientId, nonce } = await clientOf(context, request, options)
  const next = await nextKeySet(context)
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

/** The record of the client whose keys are to be replaced. */
async function clientOf(
  context: ClientContext,
  { clientId }: RotateRequest,
  options: ActionOptions,
): Promise<ClientRecord> {
  const { identity, ledger } = context
  await identity.refresh(ledger, signalOf(options))
  const own = identity.record
  if (own !== null) {
    if (clientId === undefined || clientId === own.clientId) return own
    throw new OrlopError(
      'USAGE',
      `This keyring is client ${own.clientId}'s, not client ${clientId}'s. Use a home and a keyring of its own for client ${clientId}.`,
    )
  }
  // Throws for a guest: without a number nobody knows whom it means.
  const named = clientId ?? identity.clientId
  await learnNodes(context, options)
  const record = await ledger.client(named, signalOf(options))
  if (record !== null) return record
  throw new OrlopError(
    'USAGE',
    `The ledger knows no client ${named}. Check the number: receipts and the steward's list show it.`,
  )
}

/** The keys to come: those that wait in the keyring already, or fresh ones. */
async function nextKeySet({ identity }: ClientContext): Promise<KeySet> {
  const [newest] = identity.keyring.keySets
  // A rotation that was interrupted has left new keys in front of those the ledger knows; of a fresh keyring it knows none.
  const isWaiting = identity.record === null || newest !== identity.keySet
  return newest !== undefined && isWaiting ? newest : await identity.keyring.addKeySet()
}

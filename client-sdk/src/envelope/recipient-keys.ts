import { encodeHex, equalConstantTime } from '@orlop/crypto/bytes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { ClientRecord } from '@orlop/protocol/ledger-records'
import { signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'

const OPENING_KEY_BYTES = 32

/** A client, and the opening key that is known to be its own because somebody compared it over another way than the ledger. */
export interface PinnedRecipient {
  /** Its number on the ledger. */
  readonly clientId: number
  /** X25519 public key, 32 bytes; its owner reads it from `client.openingKey` or `orlop whoami`. */
  readonly openingKey: Uint8Array
}

/** A client to share with: by its number, or pinned to its opening key. */
export type Recipient = number | PinnedRecipient

export interface TrustOptions {
  /** Takes the ledger's key where it is another than the one seen before. Against a pin it has no effect. */
  readonly trustNewKeys?: boolean | undefined
  readonly signal?: AbortSignal
}

/** Pins by client number. @throws RangeError for a key that is not 32 bytes long, or a number that is none. */
export function pinsOf(recipients: readonly PinnedRecipient[]): ReadonlyMap<number, Uint8Array> {
  for (const { clientId, openingKey } of recipients) assertPin(clientId, openingKey)
  return new Map(recipients.map(({ clientId, openingKey }) => [clientId, openingKey]))
}

/** Its number on the ledger. */
export function recipientIdOf(recipient: Recipient): number {
  return typeof recipient === 'number' ? recipient : recipient.clientId
}

/**
 * The opening key to wrap an object's key to: the one the ledger shows, when it is the pinned one, or the one this client has seen
 * first. It is remembered in the home folder. While the ledger is away a known key is taken as it is.
 *
 * @returns 32 bytes.
 * @throws OrlopError `RECIPIENT_KEY_CHANGED` when the ledger shows another one; `USAGE` when it has no such client;
 *   `LEDGER_UNREACHABLE` when no key is known either.
 * @throws RangeError as `pinsOf`.
 */
export async function trustedOpeningKey(
  context: ClientContext,
  recipient: Recipient,
  options: TrustOptions = {},
): Promise<Uint8Array> {
  const { registry } = context.home
  const clientId = recipientIdOf(recipient)
  const pin = pinOf(context, recipient)
  const known = pin ?? (await registry.openingKeyOf(clientId))
  let record: ClientRecord | null
  try {
    record = await context.ledger.client(clientId, signalOf(options))
  } catch (error) {
    if (known === null || !isOrlopError(error, 'LEDGER_UNREACHABLE')) throw error
    await registry.putOpeningKey(clientId, known)
    return known
  }
  if (record === null) throw unknownClient(clientId)
  const isKnown = known !== null && equalConstantTime(record.openingKey, known)
  const isTrusted = isKnown || known === null || (pin === null && options.trustNewKeys === true)
  if (!isTrusted) throw keyChanged(record, known, pin !== null)
  await registry.putOpeningKey(clientId, record.openingKey)
  return record.openingKey
}

/** The key that was checked before; null when this client was never shared with. */
export async function rememberedOpeningKey(
  context: ClientContext,
  clientId: number,
): Promise<Uint8Array | null> {
  return context.pins.get(clientId) ?? (await context.home.registry.openingKeyOf(clientId))
}

/**
 * Every opening key that a client is known to have or have had, without trusting any: to take something back.
 *
 * @throws OrlopError `USAGE` when neither ledger nor home knows the client; `LEDGER_UNREACHABLE`.
 */
export async function openingKeysOf(
  context: ClientContext,
  clientId: number,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array[]> {
  const remembered = await rememberedOpeningKey(context, clientId)
  const record = await context.ledger.client(clientId, options)
  if (record === null && remembered === null) throw unknownClient(clientId)
  return [remembered, record?.openingKey ?? null].filter((key) => key !== null)
}

function pinOf({ pins }: ClientContext, recipient: Recipient): Uint8Array | null {
  if (typeof recipient === 'number') return pins.get(recipient) ?? null
  assertPin(recipient.clientId, recipient.openingKey)
  return recipient.openingKey
}

function assertPin(clientId: number, openingKey: Uint8Array): void {
  if (!Number.isInteger(clientId) || clientId < 1) {
    throw new RangeError(`clientId: expected a number from 1, got ${clientId}`)
  }
  if (openingKey.length !== OPENING_KEY_BYTES) {
    throw new RangeError(`openingKey: expected 32 bytes, got ${openingKey.length}`)
  }
}

function unknownClient(clientId: number): OrlopError {
  return new OrlopError(
    'USAGE',
    `The ledger has no client ${clientId}. Check the number with the one you want to share with.`,
    { details: { clientId } },
  )
}

function keyChanged(
  { clientId, name, openingKey }: ClientRecord,
  known: Uint8Array,
  isPinned: boolean,
): OrlopError {
  const shown = encodeHex(openingKey)
  const expected = encodeHex(known)
  const next = isPinned
    ? 'If it is the new one, change the pin.'
    : 'If it is the new one, trust it once (trustNewKeys, --trust-new-key), or pin it.'
  return new OrlopError(
    'RECIPIENT_KEY_CHANGED',
    `The ledger shows opening key ${shown} for client ${clientId} (${name}), not ${expected}, which was ${isPinned ? 'pinned' : 'seen before'}: its keys were rotated, or somebody forges the ledger to read what you share. Nothing was shared. Ask the client over another way which key is its own ('orlop whoami' shows it). ${next}`,
    { details: { clientId, openingKey: shown, expected } },
  )
}

import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { type Recipient, trustedOpeningKey } from '../envelope/recipient-keys.ts'

/** How long something given is good when nothing else is said. */
const DEFAULT_VALID_SECONDS = 24 * 3600
const MAX_VALID_SECONDS = 366 * 24 * 3600

/** To whom something is given, and for how long. */
export interface Requester {
  /** Who is to open the object: a client by its number, or pinned to its opening key. */
  readonly recipient: Recipient
  /** Takes the ledger's opening key of this client although it is another than before. */
  readonly trustNewKeys?: boolean
  /** How long the requester has, in seconds: 1 to 366 days' worth; a day when left out. */
  readonly validSeconds?: number
}

/**
 * The requester's opening key, and until when something is good.
 *
 * @returns `expiry` in unix seconds.
 * @throws OrlopError `USAGE` for a time out of range; as `trustedOpeningKey`.
 */
export async function requesterOf(
  context: ClientContext,
  { recipient, trustNewKeys, validSeconds = DEFAULT_VALID_SECONDS }: Requester,
  options: ActionOptions,
): Promise<{ openingKey: Uint8Array; expiry: number }> {
  const isInRange = validSeconds >= 1 && validSeconds <= MAX_VALID_SECONDS
  if (!Number.isInteger(validSeconds) || !isInRange) {
    throw new OrlopError(
      'USAGE',
      `Something is given for 1 to ${MAX_VALID_SECONDS} seconds, not for ${validSeconds}.`,
    )
  }
  const trusting = { trustNewKeys, ...signalOf(options) }
  const openingKey = await trustedOpeningKey(context, recipient, trusting)
  const nowSeconds = Math.floor(context.home.clockOffset.nowMs() / 1000)
  return { openingKey, expiry: nowSeconds + validSeconds }
}

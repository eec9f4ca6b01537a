import { equalConstantTime } from '../bytes.ts'
import { x25519PublicKey } from '../x25519.ts'
import { recipientHint } from './recipient-stanza.ts'

/** Whether a given share or part is meant for the owner of a secret key (X25519, 32 bytes), by its hint. */
export function isGivenTo(
  { hint, objectId }: { readonly hint: Uint8Array; readonly objectId: Uint8Array },
  secretKey: Uint8Array,
): boolean {
  return equalConstantTime(hint, recipientHint(x25519PublicKey(secretKey), objectId))
}

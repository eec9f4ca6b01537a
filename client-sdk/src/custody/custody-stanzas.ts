import { decodeHex } from '@orlop/crypto/bytes'
import type { Stanza } from '@orlop/crypto/format/stanza'
import type { ClientContext } from '../context.ts'
import { rememberedOpeningKey, trustedOpeningKey } from '../envelope/recipient-keys.ts'
import { sm2Stanza, type WrapRequest } from '../envelope/recipient-stanzas.ts'
import type { Custody } from '../policy/custody.ts'
import { requireCustody } from './key-custody.ts'

/**
 * The stanzas of an object whose key others keep: a share for each custodian with what is public of the shares, or one for the holder
 * of an SM2 key. There is none for the owner.
 *
 * @throws OrlopError `RECIPIENT_KEY_CHANGED`, `USAGE`, `LEDGER_UNREACHABLE` as `trustedOpeningKey`; `USAGE` for custodians in a page.
 */
export async function custodyStanzas(
  context: ClientContext,
  request: WrapRequest,
  custody: Custody,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Stanza[]> {
  if ('sm2Key' in custody) return [sm2Stanza(context, request, decodeHex(custody.sm2Key))]
  const { threshold, custodians } = custody
  const custodianKeys: Uint8Array[] = []
  for (const clientId of custodians) {
    // Checked against the ledger when storing began.
    const known = await rememberedOpeningKey(context, clientId)
    custodianKeys.push(known ?? (await trustedOpeningKey(context, clientId, options)))
  }
  const { clientId: ownerId } = context.identity
  return requireCustody(context).split({ ...request, ownerId, threshold, custodianKeys })
}

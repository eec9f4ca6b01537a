import { decodeHex, wipe } from '@orlop/crypto/bytes'
import type { Stanza } from '@orlop/crypto/format/stanza'
import { custodySetStanza, wrapShare } from '@orlop/crypto/keys/custody-stanzas'
import { splitSecret } from '@orlop/crypto/thresholds/secret-shares'
import type { ClientContext } from '../context.ts'
import { rememberedOpeningKey, trustedOpeningKey } from '../envelope/recipient-keys.ts'
import { sm2Stanza, type WrapRequest } from '../envelope/recipient-stanzas.ts'
import type { Custody } from '../policy/custody.ts'

/**
 * The stanzas of an object whose key others keep: a share for each custodian with what is public of the shares, or one for the holder
 * of an SM2 key. There is none for the owner.
 *
 * @throws OrlopError `RECIPIENT_KEY_CHANGED`, `USAGE`, `LEDGER_UNREACHABLE` as `trustedOpeningKey`.
 */
export async function custodyStanzas(
  context: ClientContext,
  request: WrapRequest,
  custody: Custody,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Stanza[]> {
  if ('sm2Key' in custody) return [sm2Stanza(request, decodeHex(custody.sm2Key))]
  const { threshold, custodians } = custody
  const keys: Uint8Array[] = []
  for (const clientId of custodians) {
    // Checked against the ledger when storing began.
    const known = await rememberedOpeningKey(context, clientId)
    keys.push(known ?? (await trustedOpeningKey(context, clientId, options)))
  }
  const counts = { threshold, shares: custodians.length }
  const { set, shares } = await splitSecret(request.dataKey, counts)
  try {
    const { objectId, headerHash } = request
    const wrapped = keys.flatMap((custodianKey, at) => {
      const share = shares[at]
      return share === undefined ? [] : [wrapShare({ share, custodianKey, objectId, headerHash })]
    })
    return [custodySetStanza(set), ...wrapped]
  } finally {
    wipe(...shares.map(({ bytes }) => bytes))
  }
}

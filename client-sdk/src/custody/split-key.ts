import { wipe } from '@orlop/crypto/bytes'
import type { Stanza } from '@orlop/crypto/format/stanza'
import { custodySetStanza, wrapShare } from '@orlop/crypto/keys/custody-stanzas'
import { splitSecret } from '@orlop/crypto/thresholds/secret-shares'
import type { SplitKeyRequest } from './key-custody.ts'

/** Splits a data key, and wraps a share for each custodian. There is no stanza for the owner. */
export async function splitKey(request: SplitKeyRequest): Promise<Stanza[]> {
  const { objectId, headerHash, ownerId, threshold, custodianKeys } = request
  const object = { objectId, headerHash, ownerId }
  const counts = { threshold, shares: custodianKeys.length }
  const { set, shares } = await splitSecret(request.dataKey, counts)
  try {
    const wrapped = custodianKeys.flatMap((custodianKey, at) => {
      const share = shares[at]
      return share === undefined ? [] : [wrapShare({ share, custodianKey, ...object })]
    })
    return [custodySetStanza(set), ...wrapped]
  } finally {
    wipe(...shares.map(({ bytes }) => bytes))
  }
}

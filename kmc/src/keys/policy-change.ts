import { encodeHex } from '@orlop/crypto/bytes'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'
import type { Policy } from './records.ts'

/**
 * What the audit log says of a policy: its digest (SHA-256 of its canonical CBOR, so that the same policy has the same), and each
 * requester that comes (`+name`) or goes (`-name`) with its signer and opening key. One whose keys are others goes and comes.
 *
 * @param before - null where there was none.
 */
export function policyChange(before: Policy | null, after: Policy): Record<string, string> {
  const gone = new Map(linesOf('-', before))
  const come = new Map(linesOf('+', after))
  for (const [sign, keys] of come) {
    const other = `-${sign.slice(1)}`
    if (gone.get(other) !== keys) continue
    gone.delete(other)
    come.delete(sign)
  }
  const policy = encodeHex(sha256(encodeCbor(after)))
  return { policy, ...Object.fromEntries(gone), ...Object.fromEntries(come) }
}

function linesOf(sign: string, policy: Policy | null): [string, string][] {
  return (policy?.requesters ?? []).map(({ requesterId, signer, openingKey }) => [
    sign + requesterId,
    `${encodeHex(signer)},${encodeHex(openingKey)}`,
  ])
}

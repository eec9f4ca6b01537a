import { assertBytes, concat, encodeUtf8, equalConstantTime } from '../bytes.ts'
import { KeyMismatchError } from '../errors.ts'
import { hashHeaderParameters } from '../format/header.ts'
import type { Header, HeaderParameters } from '../format/header.ts'
import { hkdfSha256 } from '../kdf.ts'
import { DATA_KEY_BYTES } from './object-keys.ts'

/**
 * Completes a header with its commitment to the data key (formats.md 2), which makes every suite
 * key-committing: no second key can open anything under this header.
 *
 * @throws TypeError or RangeError when the data key is not 32 bytes or a parameter not as documented
 */
export function commitHeader(dataKey: Uint8Array, parameters: HeaderParameters): Header {
  return { ...parameters, commitment: computeCommitment(dataKey, parameters) }
}

/**
 * Checks, in constant time, that a data key is the one an object's header commits to.
 *
 * @throws KeyMismatchError when it is another object's key
 */
export function checkCommitment(dataKey: Uint8Array, header: Header): void {
  if (equalConstantTime(computeCommitment(dataKey, header), header.commitment)) return
  throw new KeyMismatchError(
    'data key does not belong to this object: its header commits to another; ' +
      'fetch the envelope again from another node',
  )
}

function computeCommitment(
  dataKey: Uint8Array,
  parameters: HeaderParameters,
): Uint8Array<ArrayBuffer> {
  assertBytes('data key', dataKey, DATA_KEY_BYTES)
  return hkdfSha256({
    key: dataKey,
    salt: parameters.salt,
    info: concat(encodeUtf8('orlop/1/commit'), hashHeaderParameters(parameters)),
    lengthBytes: 32,
  })
}

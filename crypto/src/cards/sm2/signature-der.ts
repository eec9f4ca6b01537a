import { concat } from '../../bytes.ts'
import { SM2_FIELD_BYTES } from './curve.ts'

const SEQUENCE = 0x30
const INTEGER = 0x02

/** r ‖ s, 64 bytes, as the DER of an ECDSA-Sig-Value (RFC 3279 section 2.2.3; GM/T 0009 for SM2). */
export function encodeSignatureDer(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const numbers = concat(
    encodeInteger(signature.subarray(0, SM2_FIELD_BYTES)),
    encodeInteger(signature.subarray(SM2_FIELD_BYTES)),
  )
  return concat(Uint8Array.of(SEQUENCE, numbers.length), numbers)
}

/** Reads what OpenSSL wrote; the form is not checked, since it never comes from elsewhere. */
export function decodeSignatureDer(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const signature = new Uint8Array(2 * SM2_FIELD_BYTES)
  let at = 2
  for (let end = SM2_FIELD_BYTES; end <= signature.length; end += SM2_FIELD_BYTES) {
    const lengthBytes = der[at + 1] ?? 0
    const number = der.subarray(at + 2, at + 2 + lengthBytes)
    const significant = number.subarray(Math.max(0, lengthBytes - SM2_FIELD_BYTES))
    signature.set(significant, end - significant.length)
    at += 2 + lengthBytes
  }
  return signature
}

/** DER numbers are signed and of least length (X.690 section 8.3). */
function encodeInteger(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  const significant = first === -1 ? Uint8Array.of(0) : bytes.subarray(first)
  const isHigh = (significant[0] ?? 0) >= 0x80
  const number = isHigh ? concat(Uint8Array.of(0), significant) : significant
  return concat(Uint8Array.of(INTEGER, number.length), number)
}

import { SM2_POINT_BYTES } from '../cards/sm2/curve.ts'
import { openSm2Shared } from '../cards/sm2/encryption.ts'
import { AuthenticationError } from '../errors.ts'
import { decodePoint, encodePoint, multiply, type Point } from './points.ts'
import { decodeScalar, Scalars } from './scalars.ts'
import { PartyError } from './threshold-errors.ts'
import type { TwoPartyKey } from './two-party-key.ts'

/**
 * The first party's question to the second, to open an SM2 ciphertext: [1/d₁]C1, 65 bytes.
 *
 * @param sealed - C1 ‖ C3 ‖ C2.
 * @throws AuthenticationError when it does not begin with a point of the curve.
 */
export function askToOpen(key: TwoPartyKey, sealed: Uint8Array): Uint8Array {
  return encodePoint(multiply(firstPoint(sealed), Scalars.inv(decodeScalar(key.share))))
}

/**
 * The second party's answer, 65 bytes. It cannot see which ciphertext this is of: it answers for whom it does this.
 *
 * @throws PartyError 1 when the question is no point of the curve.
 */
export function answerOpening(key: TwoPartyKey, question: Uint8Array): Uint8Array {
  const point = pointOf(1, question)
  return encodePoint(multiply(point, Scalars.inv(decodeScalar(key.share))))
}

/**
 * Opens the ciphertext at the first party.
 *
 * @returns the plaintext; wipe it after use.
 * @throws PartyError 2 when the answer is no point; AuthenticationError when the answer is wrong, or the ciphertext damaged or sealed
 *   to another key.
 */
export function openWithAnswer(sealed: Uint8Array, answer: Uint8Array): Uint8Array {
  const shared = pointOf(2, answer).subtract(firstPoint(sealed))
  if (shared.is0()) throw new PartyError(2, 'it sent the question back; open with it no more')
  return openSm2Shared(encodePoint(shared), sealed)
}

function firstPoint(sealed: Uint8Array): Point {
  try {
    return decodePoint(sealed.subarray(0, SM2_POINT_BYTES))
  } catch (cause) {
    throw new AuthenticationError('SM2 ciphertext does not begin with a point; fetch it again', {
      cause,
    })
  }
}

function pointOf(party: number, bytes: Uint8Array): Point {
  try {
    return decodePoint(bytes)
  } catch (cause) {
    throw new PartyError(party, 'what it sent is no point of the curve', { cause })
  }
}

import { assertBytes, concat, encodeUtf8, u32be } from '../bytes.ts'
import { SM2_POINT_BYTES } from '../cards/sm2/curve.ts'
import { openSm2Shared } from '../cards/sm2/encryption.ts'
import { AuthenticationError } from '../errors.ts'
import type { JointKeyShare } from './joint-key.ts'
import { decodePoint, encodePoint, multiply, type Point, ZERO_POINT } from './points.ts'
import { holdsEqualLogarithms, proveEqualLogarithms } from './proofs.ts'
import { decodeScalar, weightsAtZero } from './scalars.ts'
import { PartyError, ShareError } from './threshold-errors.ts'

const DOMAIN = encodeUtf8('orlop joint decryption v1')

/** One party's part in opening a ciphertext, by itself of no use. It opens every ciphertext that begins with the same C1. */
export interface PartialDecryption {
  /** From 1. */
  readonly party: number
  /** [share]C1, 65 bytes. */
  readonly point: Uint8Array
  /** That the party's own share gave the point, 64 bytes. */
  readonly proof: Uint8Array
}

/** What is public of a joint key. */
export type JointPublicKey = Pick<JointKeyShare, 'sharePoints' | 'threshold'>

/**
 * A party's part in opening an SM2 ciphertext (GB/T 32918.4 section 7.1, step B2, by shares). The party answers for whom it does this:
 * enough parts open the ciphertext, wherever it was copied to. Check first what it was made for.
 *
 * @param sealed - C1 ‖ C3 ‖ C2.
 * @throws AuthenticationError when it does not begin with a point of the curve.
 */
export function decryptPartially(
  key: Pick<JointKeyShare, 'party' | 'share' | 'sharePoints'>,
  sealed: Uint8Array,
): PartialDecryption {
  const { party } = key
  const share = decodeScalar(key.share)
  const base = firstPoint(sealed)
  const image = sharePointOf(key, party)
  const point = multiply(base, share)
  const context = contextOf(party, sealed)
  const claim = { image, otherBase: base, otherImage: point, context }
  return { party, point: encodePoint(point), proof: proveEqualLogarithms(share, claim) }
}

/**
 * Opens an SM2 ciphertext from the parts of enough parties.
 *
 * @returns the plaintext; wipe it after use.
 * @throws PartyError that names whose part is wrong; ShareError `too-few`; AuthenticationError when the ciphertext is damaged or
 *   sealed to another key.
 */
export function joinDecryption(
  key: JointPublicKey,
  sealed: Uint8Array,
  parts: readonly PartialDecryption[],
): Uint8Array {
  const base = firstPoint(sealed)
  const points = new Map<number, Point>()
  for (const part of parts) points.set(part.party, checkedPoint(key, base, { part, sealed }))
  if (points.size < key.threshold) {
    throw new ShareError(
      'too-few',
      [...points.keys()],
      `${String(points.size)} of ${String(key.threshold)} parties have answered; ask further ones`,
    )
  }
  const chosen = [...points].slice(0, key.threshold)
  const weights = weightsAtZero(chosen.map(([party]) => party))
  let shared = ZERO_POINT
  for (const [at, [, point]] of chosen.entries()) {
    shared = shared.add(multiply(point, weights[at] ?? 0n))
  }
  return openSm2Shared(encodePoint(shared), sealed)
}

function checkedPoint(
  key: JointPublicKey,
  base: Point,
  { part, sealed }: { part: PartialDecryption; sealed: Uint8Array },
): Point {
  const { party, proof } = part
  let point: Point
  try {
    point = decodePoint(part.point)
  } catch (cause) {
    throw new PartyError(party, 'its part is no point of the curve; ask another party', { cause })
  }
  const image = sharePointOf(key, party)
  const context = contextOf(party, sealed)
  if (!holdsEqualLogarithms({ image, otherBase: base, otherImage: point, context }, proof)) {
    throw new PartyError(party, 'its part was not made with its share; ask another party')
  }
  return point
}

function sharePointOf({ sharePoints }: Pick<JointKeyShare, 'sharePoints'>, party: number): Point {
  const bytes = sharePoints[party - 1]
  if (bytes === undefined) throw new PartyError(party, 'there is no such party of this key')
  return decodePoint(bytes)
}

function firstPoint(sealed: Uint8Array): Point {
  assertBytes('sealed', sealed)
  try {
    return decodePoint(sealed.subarray(0, SM2_POINT_BYTES))
  } catch (cause) {
    throw new AuthenticationError('SM2 ciphertext does not begin with a point; fetch it again', {
      cause,
    })
  }
}

function contextOf(party: number, sealed: Uint8Array): Uint8Array {
  return concat(DOMAIN, u32be(party), sealed)
}

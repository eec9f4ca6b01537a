import { randomSm2Scalar } from '../cards/sm2/curve.ts'
import { concat, encodeUtf8 } from '../bytes.ts'
import { decodePoint, encodePoint, GENERATOR, multiply, type Point } from './points.ts'
import { holdsKnowledge, proveKnowledge } from './proofs.ts'
import { decodeScalar, encodeScalar, Scalars } from './scalars.ts'
import { PartyError } from './threshold-errors.ts'

const FIRST = encodeUtf8('orlop two-party key, first v1')
const SECOND = encodeUtf8('orlop two-party key, second v1')

/**
 * One of two holds on an SM2 key. With d₁ and d₂ the private key is (d₁d₂)⁻¹ − 1, which nobody computes: signing and opening take
 * both.
 */
export interface TwoPartyKey {
  /** d₁ or d₂, 32 bytes. Keep it as a private key. */
  readonly share: Uint8Array
  /** The SM2 public key, 65 bytes. */
  readonly publicKey: Uint8Array
}

/** What the first party sends to begin. */
export interface FirstOffer {
  /** [1/d₁]G, 65 bytes. */
  readonly point: Uint8Array
  /** 64 bytes. */
  readonly proof: Uint8Array
}

/** What the second party answers. */
export interface SecondAnswer {
  readonly publicKey: Uint8Array
  /** 64 bytes. */
  readonly proof: Uint8Array
}

/** Begins a two-party key: the first party keeps `share` and sends `offer`. */
export function offerTwoPartyKey(): { share: Uint8Array; offer: FirstOffer } {
  const share = randomSm2Scalar()
  const inverse = Scalars.inv(share)
  const image = multiply(GENERATOR, inverse)
  const point = encodePoint(image)
  const proof = proveKnowledge(inverse, { base: GENERATOR, image, context: FIRST })
  return { share: encodeScalar(share), offer: { point, proof } }
}

/**
 * The second party's side: it keeps the key and sends `answer`.
 *
 * @throws PartyError 1 when the offer is not honest.
 */
export function answerTwoPartyKey(offer: FirstOffer): { key: TwoPartyKey; answer: SecondAnswer } {
  const base = pointOf(1, offer.point)
  if (!holdsKnowledge({ base: GENERATOR, image: base, context: FIRST }, offer.proof)) {
    throw new PartyError(1, 'its proof of knowledge does not hold; make the key with another party')
  }
  const share = randomSm2Scalar()
  const inverse = Scalars.inv(share)
  const image = multiply(base, inverse)
  const publicKey = encodePoint(image.subtract(GENERATOR))
  const context = concat(SECOND, publicKey)
  const proof = proveKnowledge(inverse, { base, image, context })
  return { key: { share: encodeScalar(share), publicKey }, answer: { publicKey, proof } }
}

/**
 * Ends it at the first party.
 *
 * @throws PartyError 2 when the answer is not honest.
 */
export function acceptTwoPartyKey(share: Uint8Array, answer: SecondAnswer): TwoPartyKey {
  const base = multiply(GENERATOR, Scalars.inv(decodeScalar(share)))
  const { publicKey, proof } = answer
  const image = pointOf(2, publicKey).add(GENERATOR)
  if (!holdsKnowledge({ base, image, context: concat(SECOND, publicKey) }, proof)) {
    throw new PartyError(2, 'its proof of knowledge does not hold; make the key with another party')
  }
  return { share: Uint8Array.from(share), publicKey: Uint8Array.from(publicKey) }
}

function pointOf(party: number, bytes: Uint8Array): Point {
  try {
    return decodePoint(bytes)
  } catch (cause) {
    throw new PartyError(party, 'what it sent is no point of the curve', { cause })
  }
}

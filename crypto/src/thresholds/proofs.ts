import { randomSm2Scalar } from '../cards/sm2/curve.ts'
import { concat, encodeHex, encodeUtf8, u32be } from '../bytes.ts'
import { sha256 } from '../hash.ts'
import { encodePoint, GENERATOR, multiply, type Point } from './points.ts'
import { decodeScalar, encodeScalar, Scalars } from './scalars.ts'

/** Bytes of a proof: challenge ‖ answer. */
export const PROOF_BYTES = 64

const KNOWLEDGE = encodeUtf8('orlop proof of knowledge v1')
const EQUALITY = encodeUtf8('orlop proof of equal logarithms v1')

/** What is proved: that the prover knows x with `image = [x]base`. */
export interface KnowledgeClaim {
  readonly base: Point
  readonly image: Point
  /** What the proof is for: a proof made for something else does not hold. */
  readonly context: Uint8Array
}

/**
 * Proves knowledge of a discrete logarithm: Schnorr, "Efficient signature generation by smart cards" (1991), made non-interactive by a
 * hash (Fiat and Shamir 1986).
 *
 * @param random - gives so many random bytes; the platform's by default.
 * @returns 64 bytes.
 */
export function proveKnowledge(
  secret: bigint,
  claim: KnowledgeClaim,
  random?: (lengthBytes: number) => Uint8Array,
): Uint8Array {
  const nonce = randomSm2Scalar(random)
  const challenge = knowledgeChallenge(claim, multiply(claim.base, nonce))
  return answer(secret, nonce, challenge)
}

/** Whether a proof of {@link proveKnowledge} holds. Never throws for bytes that are none. */
export function holdsKnowledge(claim: KnowledgeClaim, proof: Uint8Array): boolean {
  return check(proof, ({ challenge, response }) => {
    const commitment = undo(claim.base, claim.image, { challenge, response })
    return knowledgeChallenge(claim, commitment)
  })
}

/** What is proved: that one and the same x gives `image = [x]G` and `otherImage = [x]otherBase`. */
export interface EqualityClaim {
  readonly image: Point
  readonly otherBase: Point
  readonly otherImage: Point
  /** What the proof is for. */
  readonly context: Uint8Array
}

/**
 * Proves that two points have the same logarithm: Chaum and Pedersen, "Wallet databases with observers" (1992), made non-interactive.
 *
 * @returns 64 bytes.
 */
export function proveEqualLogarithms(secret: bigint, claim: EqualityClaim): Uint8Array {
  const nonce = randomSm2Scalar()
  const commitments = [multiply(GENERATOR, nonce), multiply(claim.otherBase, nonce)] as const
  return answer(secret, nonce, equalityChallenge(claim, commitments))
}

/** Whether a proof of {@link proveEqualLogarithms} holds. Never throws for bytes that are none. */
export function holdsEqualLogarithms(claim: EqualityClaim, proof: Uint8Array): boolean {
  return check(proof, (parts) =>
    equalityChallenge(claim, [
      undo(GENERATOR, claim.image, parts),
      undo(claim.otherBase, claim.otherImage, parts),
    ]),
  )
}

interface ProofParts {
  readonly challenge: bigint
  readonly response: bigint
}

function answer(secret: bigint, nonce: bigint, challenge: bigint): Uint8Array {
  const response = Scalars.add(nonce, Scalars.mul(challenge, secret))
  return concat(encodeScalar(challenge), encodeScalar(response))
}

/** The commitment that an honest prover must have begun with. */
function undo(base: Point, image: Point, { challenge, response }: ProofParts): Point {
  return multiply(base, response).subtract(multiply(image, challenge))
}

function check(proof: Uint8Array, challengeOf: (parts: ProofParts) => bigint): boolean {
  if (proof.length !== PROOF_BYTES) return false
  try {
    const challenge = decodeScalar(proof.subarray(0, PROOF_BYTES / 2))
    const response = decodeScalar(proof.subarray(PROOF_BYTES / 2))
    return challengeOf({ challenge, response }) === challenge
  } catch {
    // A number beyond the order, or a commitment at infinity: no prover makes these.
    return false
  }
}

function knowledgeChallenge({ base, image, context }: KnowledgeClaim, commitment: Point): bigint {
  return challengeFrom(KNOWLEDGE, context, [base, image, commitment])
}

function equalityChallenge(
  { image, otherBase, otherImage, context }: EqualityClaim,
  commitments: readonly Point[],
): bigint {
  return challengeFrom(EQUALITY, context, [image, otherBase, otherImage, ...commitments])
}

function challengeFrom(domain: Uint8Array, context: Uint8Array, points: readonly Point[]): bigint {
  const digest = sha256(concat(domain, u32be(context.length), context, ...points.map(encodePoint)))
  return Scalars.create(BigInt(`0x${encodeHex(digest)}`))
}

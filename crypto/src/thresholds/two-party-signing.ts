import { assertBytes, concat, encodeHex, encodeUtf8 } from '../bytes.ts'
import { randomSm2Scalar, SM2_FIELD_BYTES } from '../cards/sm2/curve.ts'
import { decodePoint, encodePoint, GENERATOR, multiply, type Point } from './points.ts'
import { holdsKnowledge, proveKnowledge } from './proofs.ts'
import { decodeScalar, encodeScalar, Scalars } from './scalars.ts'
import { PartyError } from './threshold-errors.ts'
import type { TwoPartyKey } from './two-party-key.ts'

const DOMAIN = encodeUtf8('orlop two-party signature v1')

/** What the first party asks of the second. */
export interface SigningRequest {
  /** SM3(Z ‖ message), 32 bytes: the second party must know what it stands for before it answers. */
  readonly digest: Uint8Array
  /** [k₁]G, 65 bytes. */
  readonly nonce: Uint8Array
  /** 64 bytes. */
  readonly proof: Uint8Array
}

/** What the second party answers: r, and two numbers that are of use only to the first. 32 bytes each. */
export interface SigningAnswer {
  readonly r: Uint8Array
  readonly s2: Uint8Array
  readonly s3: Uint8Array
}

/** A signature under way at the first party. It can be finished once. */
export interface OpenSignature {
  readonly request: SigningRequest
  /**
   * @returns r ‖ s, 64 bytes, as any SM2 verifier takes it; checked before it is given.
   * @throws PartyError 2 when the answer gives no valid signature; RangeError the second time.
   */
  finish(answer: SigningAnswer): Uint8Array
}

/**
 * Begins an SM2 signature (GB/T 32918.2 section 6.1) with the other party. Nonces are fresh for each one and never leave this call.
 *
 * @param digest - SM3(Z ‖ message), 32 bytes.
 */
export function beginSignature(key: TwoPartyKey, digest: Uint8Array): OpenSignature {
  assertBytes('digest', digest, SM2_FIELD_BYTES)
  let nonce: bigint | null = randomSm2Scalar()
  const image = multiply(GENERATOR, nonce)
  const context = concat(DOMAIN, key.publicKey, digest)
  const proof = proveKnowledge(nonce, { base: GENERATOR, image, context })
  return {
    request: { digest, nonce: encodePoint(image), proof },
    finish(answer) {
      if (nonce === null) throw new RangeError('signature: finished already; begin a new one')
      const own = nonce
      nonce = null
      return finish(key, own, { digest, answer })
    },
  }
}

/**
 * The second party's part.
 *
 * @throws PartyError 1 when the request is not honest.
 */
export function answerSigning(
  key: TwoPartyKey,
  { digest, nonce, proof }: SigningRequest,
): SigningAnswer {
  assertBytes('digest', digest, SM2_FIELD_BYTES)
  const share = decodeScalar(key.share)
  const base = noncePoint(nonce)
  const context = concat(DOMAIN, key.publicKey, digest)
  if (!holdsKnowledge({ base: GENERATOR, image: base, context }, proof)) {
    throw new PartyError(1, 'its proof for the nonce does not hold; refuse to sign with it')
  }
  for (;;) {
    const k2 = randomSm2Scalar()
    const k3 = randomSm2Scalar()
    const point = multiply(base, k3).add(multiply(GENERATOR, k2))
    const r = Scalars.add(numberOf(digest), Scalars.create(point.toAffine().x))
    // Step A5: next to impossible, and no signature.
    if (r === 0n || Scalars.add(r, k2) === 0n) continue
    const s2 = Scalars.mul(share, k3)
    const s3 = Scalars.mul(share, Scalars.add(r, k2))
    return { r: encodeScalar(r), s2: encodeScalar(s2), s3: encodeScalar(s3) }
  }
}

function finish(
  key: TwoPartyKey,
  nonce: bigint,
  { digest, answer }: { digest: Uint8Array; answer: SigningAnswer },
): Uint8Array {
  const share = decodeScalar(key.share)
  try {
    const [r, s2, s3] = [answer.r, answer.s2, answer.s3].map(decodeScalar) as [
      bigint,
      bigint,
      bigint,
    ]
    const own = Scalars.mul(share, Scalars.add(Scalars.mul(nonce, s2), s3))
    const s = Scalars.sub(own, r)
    const signature = concat(encodeScalar(r), encodeScalar(s))
    if (holdsSignature(key.publicKey, digest, { r, s })) return signature
  } catch (cause) {
    throw new PartyError(2, 'its answer is no answer; sign with it no more', { cause })
  }
  throw new PartyError(2, 'its answer gives no valid signature; sign with it no more')
}

/** GB/T 32918.2 section 7.1, from the digest on. */
function holdsSignature(
  publicKey: Uint8Array,
  digest: Uint8Array,
  { r, s }: { r: bigint; s: bigint },
): boolean {
  const t = Scalars.add(r, s)
  if (r === 0n || s === 0n || t === 0n) return false
  const point = multiply(GENERATOR, s).add(multiply(decodePoint(publicKey), t))
  if (point.is0()) return false
  return Scalars.add(numberOf(digest), Scalars.create(point.toAffine().x)) === r
}

function numberOf(digest: Uint8Array): bigint {
  return Scalars.create(BigInt(`0x${encodeHex(digest)}`))
}

function noncePoint(bytes: Uint8Array): Point {
  try {
    return decodePoint(bytes)
  } catch (cause) {
    throw new PartyError(1, 'its nonce is no point of the curve', { cause })
  }
}

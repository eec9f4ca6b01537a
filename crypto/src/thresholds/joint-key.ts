import { randomSm2Scalar } from '../cards/sm2/curve.ts'
import { assertBytes, assertInteger, concat, encodeUtf8, u32be } from '../bytes.ts'
import { decodePoint, encodePoint, GENERATOR, type Point, ZERO_POINT } from './points.ts'
import { holdsKnowledge, proveKnowledge } from './proofs.ts'
import { decodeScalar, encodeScalar, Scalars } from './scalars.ts'
import { PartyError } from './threshold-errors.ts'
import { checkQuorum, deal, holdsShare, imageAt, type Quorum } from './verifiable-shares.ts'

/** Bytes of the name of one making of a joint key; fresh and random, agreed upon beforehand. */
export const CEREMONY_BYTES = 16

const DOMAIN = encodeUtf8('orlop joint key v1')

/** What a party tells all others when a joint key is made. */
export interface Contribution {
  /** From 1. */
  readonly party: number
  /** Its polynomial's coefficients as points, as many as the threshold, 65 bytes each. */
  readonly commitments: readonly Uint8Array[]
  /** That it knows the number behind the first of them, 64 bytes. */
  readonly proof: Uint8Array
}

/** What a party made for a joint key. */
export interface MadeContribution {
  readonly contribution: Contribution
  /** 32 bytes for each party, from party 1 on: each goes to that party alone, over a confidential way. */
  readonly shares: readonly Uint8Array[]
}

/** Which making of a key this is. */
export interface Ceremony extends Quorum {
  /** 16 bytes. */
  readonly ceremonyId: Uint8Array
}

/** A party's hold on a joint key. No party has, or ever had, the private key. */
export interface JointKeyShare extends Quorum {
  /** From 1. */
  readonly party: number
  /** 32 bytes. Keep it as a private key. */
  readonly share: Uint8Array
  /** The SM2 public key, 65 bytes. */
  readonly publicKey: Uint8Array
  /** The public point of each party's share, from party 1 on, 65 bytes each: what it does is checked against that. */
  readonly sharePoints: readonly Uint8Array[]
}

/**
 * A party's part in making a joint key: it deals a random number to all. The private key is the sum of all these numbers, and nobody
 * ever adds them (Pedersen, "A threshold cryptosystem without a trusted party", 1991). The proof keeps a party from choosing its point
 * as a function of the others'.
 *
 * Gennaro et al. (1999) show that whoever speaks last can make some bits of the public key likelier. For encryption to the joint key
 * that gives nothing away.
 */
export function contribute(party: number, ceremony: Ceremony): MadeContribution {
  checkCeremony(ceremony)
  assertInteger('party', party, { min: 1, max: ceremony.parties })
  const secret = randomSm2Scalar()
  const { commitments, shares } = deal(secret, ceremony)
  const [image] = commitments
  if (image === undefined) throw new RangeError('commitments: expected at least one')
  const claim = claimOf(ceremony, party, decodePoint(image))
  const proof = proveKnowledge(secret, claim)
  return { contribution: { party, commitments, proof }, shares }
}

/** What a party has received: everybody's contribution, its own among them, and the share of each for this party. */
export interface ReceivedContribution {
  readonly contribution: Contribution
  /** 32 bytes. */
  readonly share: Uint8Array
}

/**
 * Checks what all parties sent, and gives this party its hold on the joint key. Every party must be there: who is missing or wrong is
 * left out by beginning anew with a smaller quorum.
 *
 * @throws PartyError that names whose contribution or share is wrong; RangeError when contributions are missing or doubled.
 */
export function assembleJointKey(
  party: number,
  ceremony: Ceremony,
  received: readonly ReceivedContribution[],
): JointKeyShare {
  checkCeremony(ceremony)
  const { parties, threshold } = ceremony
  const senders = new Set(received.map(({ contribution }) => contribution.party))
  if (received.length !== parties || senders.size !== parties) {
    throw new RangeError(
      `contributions: expected one of each of ${String(parties)} parties, got ${String(received.length)} of ${String(senders.size)}`,
    )
  }
  for (const one of received) checkContribution(party, ceremony, one)
  const polynomials = received.map(({ contribution }) => contribution.commitments.map(decodePoint))
  const joint = Array.from({ length: threshold }, (_, at) =>
    sumOf(polynomials.map((points) => points[at] ?? ZERO_POINT)),
  )
  let share = 0n
  for (const one of received) share = Scalars.add(share, decodeScalar(one.share))
  return {
    ...{ party, parties, threshold },
    share: encodeScalar(share),
    publicKey: encodePoint(joint[0] ?? ZERO_POINT),
    sharePoints: Array.from({ length: parties }, (_, at) => encodePoint(imageAt(joint, at + 1))),
  }
}

function checkContribution(
  party: number,
  ceremony: Ceremony,
  { contribution, share }: ReceivedContribution,
): void {
  const { party: sender, commitments, proof } = contribution
  if (commitments.length !== ceremony.threshold) {
    throw new PartyError(sender, 'its polynomial is not of the degree agreed upon; begin anew')
  }
  let image: Point
  try {
    const [first] = commitments.map(decodePoint)
    if (first === undefined) throw new RangeError('commitments: expected at least one')
    image = first
  } catch (cause) {
    throw new PartyError(sender, 'its commitments are no points; begin anew', { cause })
  }
  if (!holdsKnowledge(claimOf(ceremony, sender, image), proof)) {
    throw new PartyError(sender, 'its proof of knowledge does not hold; begin anew without it')
  }
  if (!holdsShare(commitments, party, share)) {
    throw new PartyError(sender, 'the share it sent is not what it committed to; begin anew')
  }
}

function claimOf(ceremony: Ceremony, party: number, image: Point) {
  const { ceremonyId, threshold, parties } = ceremony
  const context = concat(DOMAIN, ceremonyId, ...[threshold, parties, party].map(u32be))
  return { base: GENERATOR, image, context }
}

function checkCeremony(ceremony: Ceremony): void {
  checkQuorum(ceremony)
  assertBytes('ceremonyId', ceremony.ceremonyId, CEREMONY_BYTES)
}

function sumOf(points: readonly Point[]): Point {
  return points.reduce((sum, point) => sum.add(point), ZERO_POINT)
}

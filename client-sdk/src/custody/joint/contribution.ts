import { concat, encodeUtf8 } from '@orlop/crypto/bytes'
import { MalformedError } from '@orlop/crypto/errors'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { FieldReader } from '@orlop/crypto/format/fields'
import { sha256 } from '@orlop/crypto/hash'
import type { Gift } from '@orlop/crypto/keys/gift'
import type { Contribution } from '@orlop/crypto/thresholds/joint-key'
import type { MessageKind } from '../message-text.ts'

/** Most clients that hold a joint key together. */
export const MAX_MEMBERS = 16

const MAX_BYTES = 8 * 1024
const exactly = (length: number) => ({ min: length, max: length })

/** Which joint key is made, by whom: agreed upon by all beforehand, in the same order. */
export interface JointKeyPlan {
  /** 16 random bytes, used for no other key. */
  readonly ceremonyId: Uint8Array
  /** So many members open together. */
  readonly threshold: number
  /** Clients by their numbers; the first is party 1. */
  readonly members: readonly number[]
}

/** What one member sends to all others. */
export interface MemberContribution extends JointKeyPlan, Contribution {
  /** The member's share for each member, itself included, each wrapped for that one. */
  readonly gifts: readonly Gift[]
}

/** The same with the signature of the member's ledger key, 64 bytes. */
export interface SignedContribution {
  readonly content: Uint8Array
  readonly contribution: MemberContribution
  readonly signature: Uint8Array
}

/** What a member signs: 32 bytes. */
export function contributionDigest(content: Uint8Array): Uint8Array {
  return sha256(concat(encodeUtf8('orlop/1/joint-key'), content))
}

/** What the share of one member for another is bound to. */
export function shareBinding(ceremonyId: Uint8Array, from: number, to: number): Uint8Array {
  return concat(encodeUtf8('orlop/1/joint-key-share'), ceremonyId, Uint8Array.of(from, to))
}

/** A contribution as the bytes that are signed. */
export function encodeContribution(contribution: MemberContribution): Uint8Array {
  const { ceremonyId, threshold, members, party, commitments, proof, gifts } = contribution
  const pairs = gifts.map(({ ephemeralKey, wrapped }) => [ephemeralKey, wrapped])
  return encodeCbor([ceremonyId, threshold, [...members], party, [...commitments], proof, pairs])
}

/** A signed contribution as members send it to each other. */
export const contributionMessage: MessageKind<SignedContribution> = {
  prefix: 'orlop-joint-contribution:',
  maxLetters: 2 * MAX_BYTES,
  what: 'contribution to a joint key',
  encode: ({ content, signature }) => encodeCbor([content, signature]),
  decode: (bytes) => {
    const fields = new FieldReader('contribution', decodeCbor(bytes, { maxBytes: MAX_BYTES }), 2)
    const content = fields.bytes('content', { min: 1, max: MAX_BYTES })
    const signature = fields.bytes('signature', exactly(64))
    return { content, signature, contribution: decodeContribution(content) }
  },
}

function decodeContribution(content: Uint8Array): MemberContribution {
  const fields = new FieldReader('contribution', decodeCbor(content, { maxBytes: MAX_BYTES }), 7)
  return {
    ceremonyId: fields.bytes('ceremony', exactly(16)),
    threshold: fields.integer('threshold', { min: 2, max: MAX_MEMBERS }),
    members: fields.list('members', MAX_MEMBERS).map((one) => {
      if (typeof one === 'number' && Number.isSafeInteger(one) && one > 0) return one
      throw new MalformedError('contribution: a member is no client number')
    }),
    party: fields.integer('party', { min: 1, max: MAX_MEMBERS }),
    commitments: fields.list('commitments', MAX_MEMBERS).map((one) => {
      if (one instanceof Uint8Array && one.length === 65) return one
      throw new MalformedError('contribution: a commitment is no point')
    }),
    proof: fields.bytes('proof', exactly(64)),
    gifts: fields.list('shares', MAX_MEMBERS).map((one) => {
      const gift = new FieldReader('share', one, 2)
      return {
        ephemeralKey: gift.bytes('ephemeral key', exactly(32)),
        wrapped: gift.bytes('wrapped', exactly(48)),
      }
    }),
  }
}

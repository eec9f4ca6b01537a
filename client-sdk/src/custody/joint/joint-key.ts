import { concat, encodeUtf8 } from '@orlop/crypto/bytes'
import { MalformedError } from '@orlop/crypto/errors'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { FieldReader } from '@orlop/crypto/format/fields'
import type { Gift } from '@orlop/crypto/keys/gift'
import type { MessageKind } from '../message-text.ts'
import { MAX_MEMBERS } from './contribution.ts'

const MAX_BYTES = 4 * 1024
const exactly = (length: number) => ({ min: length, max: length })

/**
 * A member's hold on a joint SM2 key. Its share is wrapped for the member's opening key, so that the text is no secret; what is public of it
 * is what a requester needs to check parts by.
 */
export interface JointKey extends Gift {
  /** From 1. */
  readonly party: number
  readonly threshold: number
  /** SM2, 65 bytes: objects are bound to it as to any other. */
  readonly publicKey: Uint8Array
  /** Of each party, from party 1 on, 65 bytes each. */
  readonly sharePoints: readonly Uint8Array[]
}

/** What a member's own share is bound to. */
export function ownShareBinding({ publicKey, party }: Pick<JointKey, 'publicKey' | 'party'>) {
  return concat(encodeUtf8('orlop/1/joint-key-hold'), publicKey, Uint8Array.of(party))
}

/** A hold on a joint key as the text of a file. */
export const jointKeyMessage: MessageKind<JointKey> = {
  prefix: 'orlop-joint-key:',
  maxLetters: 2 * MAX_BYTES,
  what: 'hold on a joint key',
  encode: ({ party, threshold, publicKey, sharePoints, ephemeralKey, wrapped }) =>
    encodeCbor([party, threshold, publicKey, [...sharePoints], ephemeralKey, wrapped]),
  decode: (bytes) => {
    const fields = new FieldReader('joint key', decodeCbor(bytes, { maxBytes: MAX_BYTES }), 6)
    return {
      party: fields.integer('party', { min: 1, max: MAX_MEMBERS }),
      threshold: fields.integer('threshold', { min: 2, max: MAX_MEMBERS }),
      publicKey: fields.bytes('public key', exactly(65)),
      sharePoints: fields.list('share points', MAX_MEMBERS).map((one) => {
        if (one instanceof Uint8Array && one.length === 65) return one
        throw new MalformedError('joint key: a share point is no point')
      }),
      ephemeralKey: fields.bytes('ephemeral key', exactly(32)),
      wrapped: fields.bytes('wrapped', exactly(48)),
    }
  },
}

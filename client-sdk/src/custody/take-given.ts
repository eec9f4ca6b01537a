import { equalConstantTime } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { isGivenTo } from '@orlop/crypto/keys/is-given-to'
import { formatObjectId } from '@orlop/protocol/ids'
import type { WrappedKey } from '../retrieve/key-opener.ts'
import { shareInvalid } from './share-invalid.ts'

/** What a custodian gave, as far as it can be read by everybody. */
export interface Given {
  readonly objectId: Uint8Array
  /** Unix seconds. */
  readonly expiry: number
  readonly hint: Uint8Array
  /** The custodian's place, from 1. */
  readonly place: number
}

/**
 * Takes what a custodian gave for this object to this client, while it is good.
 *
 * @param take - unwraps it with the client's secret key.
 * @throws OrlopError `SHARE_INVALID` naming the custodian.
 */
export function takeGiven<T>(
  { objectId, openingSecretKeys, nowMs }: WrappedKey,
  given: Given,
  take: (secretKey: Uint8Array) => T,
): T {
  const { place, expiry } = given
  if (!equalConstantTime(given.objectId, objectId)) {
    const theirs = formatObjectId(given.objectId)
    throw shareInvalid(place, `is of another object, ${theirs}. Ask for the one of this object`)
  }
  if (1000 * expiry < nowMs) {
    const when = new Date(1000 * expiry).toISOString()
    throw shareInvalid(place, `expired at ${when}. Ask the custodian for a new one`)
  }
  const secretKey = openingSecretKeys.find((key) => isGivenTo(given, key))
  if (secretKey === undefined) {
    const next = 'Ask the custodian to give it to this client'
    throw shareInvalid(place, `was given to somebody else. ${next}`)
  }
  try {
    return take(secretKey)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw shareInvalid(place, 'is damaged or was changed. Ask the custodian for it again', cause)
  }
}

import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { custodySetOf, type OwnedObject, unwrapShares } from '@orlop/crypto/keys/custody-stanzas'
import { type GivenShare, takeShare } from '@orlop/crypto/keys/given-share'
import {
  checkShare,
  joinShares,
  type SecretShare,
  type ShareSet,
} from '@orlop/crypto/thresholds/secret-shares'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { KeyOpener, WrappedKey } from '../retrieve/key-opener.ts'
import { shareInvalid } from './share-invalid.ts'
import { takeGiven } from './take-given.ts'
import { parseMessage } from './message-text.ts'
import { shareMessage } from './share-message.ts'

/**
 * Opens an object in custody with the shares that custodians gave to this client; one that it holds as a custodian itself counts too.
 *
 * @param texts - as `giveShare` made them, in any order. Every one is checked, also when fewer would do.
 * @returns a way to open objects, which rejects with OrlopError `SHARE_INVALID` naming the custodian whose share is wrong, and
 *   `SHARES_MISSING` when there are too few.
 * @throws OrlopError `SHARE_INVALID` for a text that is none.
 */
export function openWithShares(texts: readonly string[]): KeyOpener {
  const given = texts.map((text) => parseMessage(shareMessage, text))
  return async (wrapped) => {
    const set = custodySetOf(wrapped.stanzas)
    if (set === null) return null
    const shares: SecretShare[] = []
    try {
      for (const one of given) shares.push(takeChecked(wrapped, set, one))
      shares.push(...ownShares(wrapped, set))
      const indices = new Set(shares.map(({ index }) => index))
      if (indices.size < set.threshold) throw tooFew(wrapped, set, [...indices])
      return await joinShares(set, shares)
    } finally {
      wipe(...shares.map(({ bytes }) => bytes))
    }
  }
}

/** The shares that the client holds as a custodian. */
export function ownShares(
  { openingSecretKeys, ...object }: OwnedObject & Pick<WrappedKey, 'stanzas' | 'openingSecretKeys'>,
  set: ShareSet,
): SecretShare[] {
  const shares: SecretShare[] = []
  for (const secretKey of openingSecretKeys) shares.push(...unwrapShares({ ...object, secretKey }))
  for (const share of shares) assertOfSet(set, share)
  return shares
}

function takeChecked(wrapped: WrappedKey, set: ShareSet, given: GivenShare): SecretShare {
  const { index } = given
  const share = takeGiven(wrapped, { ...given, place: index }, (secretKey) =>
    takeShare({ given, secretKey, headerHash: wrapped.headerHash }),
  )
  assertOfSet(set, share)
  return share
}

/** Against the commitments in the envelope, which its owner signed. */
function assertOfSet(set: ShareSet, share: SecretShare): void {
  try {
    checkShare(set, share)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw shareInvalid(
      share.index,
      'is not the one this object was sealed with. Use other custodians’ shares, and tell that custodian',
      cause,
    )
  }
}

function tooFew({ objectId }: WrappedKey, set: ShareSet, present: readonly number[]): OrlopError {
  const { threshold, commitments } = set
  const there =
    present.length === 0
      ? 'none is here'
      : `here: ${present.length} (of custodian ${present.join(', ')})`
  return new OrlopError(
    'SHARES_MISSING',
    `${formatObjectId(objectId)} is in the custody of ${commitments.length}, of whom ${threshold} open it together; ${there}. Ask custodians for their shares ('orlop custody give') and give them all at once.`,
    { details: { threshold, custodians: commitments.length, present: present.length } },
  )
}

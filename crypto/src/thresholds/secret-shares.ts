import { combine, split } from 'shamir-secret-sharing'

import {
  assertBytes,
  assertInteger,
  concat,
  encodeUtf8,
  equalConstantTime,
  randomBytes,
  wipe,
} from '../bytes.ts'
import { HASH_BYTES, sha256 } from '../hash.ts'
import { ShareError } from './threshold-errors.ts'

/** Bytes of the name of a set of shares. */
export const SHARE_SET_ID_BYTES = 16
/** Shortest and longest secret that is split. Short ones could be guessed from the commitments. */
export const SHARED_SECRET_BYTES = { min: 16, max: 64 } as const
/** Most shares of one set. */
export const MAX_SHARES = 255

const DOMAIN = encodeUtf8('orlop secret share v1')

/** One custodian's part of a secret. Fewer than the set's threshold say nothing about it. */
export interface SecretShare {
  /** 16 bytes. */
  readonly setId: Uint8Array
  /** From 1. */
  readonly index: number
  /** One byte longer than the secret. Wipe it after use. */
  readonly bytes: Uint8Array
}

/** What is public of a set of shares, kept where the shares are joined. */
export interface ShareSet {
  /** 16 random bytes. */
  readonly setId: Uint8Array
  /** So many shares give the secret back. */
  readonly threshold: number
  /** 32 bytes each, of share 1 and on: SHA-256 over set, index and share. */
  readonly commitments: readonly Uint8Array[]
}

/**
 * Splits a secret among custodians: Shamir, "How to share a secret" (1979), over GF(2⁸), with a commitment to each share, since a
 * changed share would otherwise give a wrong secret without a word.
 *
 * @param secret - 16 to 64 bytes that nobody can guess, such as a key; the caller wipes it.
 * @param counts - `threshold` from 2, `shares` from `threshold` to 255.
 * @throws RangeError for other lengths and counts.
 */
export async function splitSecret(
  secret: Uint8Array,
  counts: { readonly threshold: number; readonly shares: number },
): Promise<{ set: ShareSet; shares: SecretShare[] }> {
  assertBytes('secret', secret)
  assertInteger('secret.length', secret.length, SHARED_SECRET_BYTES)
  assertInteger('shares', counts.shares, { min: 2, max: MAX_SHARES })
  assertInteger('threshold', counts.threshold, { min: 2, max: counts.shares })
  const setId = randomBytes(SHARE_SET_ID_BYTES)
  const parts = await split(Uint8Array.from(secret), counts.shares, counts.threshold)
  const shares = parts.map((bytes, at) => ({ setId, index: at + 1, bytes }))
  const commitments = commitShares(shares)
  return { set: { setId, threshold: counts.threshold, commitments }, shares }
}

/**
 * Joins shares into the secret. More than are needed may be given; each is checked.
 *
 * @throws ShareError that names the share: `damaged`, `other-set`; `too-few` with those that are there.
 */
export async function joinShares(
  set: ShareSet,
  shares: readonly SecretShare[],
): Promise<Uint8Array> {
  const distinct = new Map<number, SecretShare>()
  for (const share of shares) {
    checkShare(set, share)
    distinct.set(share.index, share)
  }
  const { threshold } = set
  if (distinct.size < threshold) {
    throw new ShareError(
      'too-few',
      [...distinct.keys()],
      `${String(distinct.size)} of ${String(threshold)} shares are there; ask further custodians for theirs`,
    )
  }
  const copies = [...distinct.values()]
    .slice(0, threshold)
    .map(({ bytes }) => Uint8Array.from(bytes))
  try {
    return await combine(copies)
  } finally {
    wipe(...copies)
  }
}

/**
 * Checks one share against its set, before the others are there.
 *
 * @throws ShareError `other-set`, `damaged`.
 */
export function checkShare(set: ShareSet, share: SecretShare): void {
  const { index } = share
  if (!equalConstantTime(set.setId, share.setId)) {
    throw new ShareError(
      'other-set',
      [index],
      `share ${String(index)} belongs to another set of shares; look for the one made with this set`,
    )
  }
  const commitment = set.commitments[index - 1]
  if (commitment === undefined || !equalConstantTime(commitment, commitmentOf(share))) {
    throw new ShareError(
      'damaged',
      [index],
      `share ${String(index)} is damaged; compare it with its custodian's copy, or use another share`,
    )
  }
}

/** The commitments of a set's shares, given from share 1 on: 32 bytes each. */
export function commitShares(shares: readonly SecretShare[]): Uint8Array[] {
  return shares.map(commitmentOf)
}

function commitmentOf({ setId, index, bytes }: SecretShare): Uint8Array {
  const digest = sha256(concat(DOMAIN, setId, Uint8Array.of(index), bytes))
  assertBytes('commitment', digest, HASH_BYTES)
  return digest
}

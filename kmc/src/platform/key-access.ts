import { wipe } from '@orlop/crypto/bytes'
import type { Centre } from '../centre.ts'
import { nextKeyState } from '../keys/key-states.ts'
import type { KeyName } from '../keys/keys.ts'
import { type Algorithm, getKey, type Key, materialPlace } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'

/** Which key something is done with. */
export interface KeyChoice<A extends Algorithm> extends KeyName {
  /** From 1; null for the newest. */
  readonly version: number | null
  /** What the key must be for. */
  readonly algorithms: readonly A[]
}

/** A key while it is worked with. */
export interface KeyInUse<A extends Algorithm> extends KeyName {
  readonly algorithm: A
  readonly version: number
  /** Wiped when the work ends. */
  readonly bytes: Uint8Array
}

/**
 * Reads a key's bytes for one piece of work and wipes them after it. What state the key is in is looked up each time, so that a
 * revocation holds for the next call, whichever replica it was made at.
 *
 * @throws KmcError `NOT_FOUND`, `KEY_STATE` unless the key is active, `NOT_ALLOWED` when it is for something else,
 *   `CENTRE_SEALED`.
 */
export async function withKey<A extends Algorithm, T>(
  centre: Centre,
  choice: KeyChoice<A>,
  work: (key: KeyInUse<A>) => Promise<T>,
): Promise<T> {
  const { appId, keyId } = choice
  const key = await getKey(centre.rows, appId, keyId)
  nextKeyState(key, 'use')
  const algorithm = algorithmOf(key, choice.algorithms)
  const version = versionOf(key, choice.version)
  const bytes = await centre.rows.get(materialPlace(appId, keyId, version))
  // Between two readings it may have been destroyed.
  if (bytes === null) throw noSuchVersion(keyId, version)
  try {
    return await work({ appId, keyId, algorithm, version, bytes })
  } finally {
    wipe(bytes)
  }
}

function algorithmOf<A extends Algorithm>({ keyId, algorithm }: Key, allowed: readonly A[]): A {
  const found = allowed.find((one) => one === algorithm)
  if (found !== undefined) return found
  throw new KmcError(
    'NOT_ALLOWED',
    `The key '${keyId}' is for ${algorithm}; this takes one for ${allowed.join(' or ')}. A key does one thing only.`,
    { details: { keyId, algorithm } },
  )
}

function versionOf({ keyId, versions }: Key, asked: number | null): number {
  const version = asked ?? versions.length
  if (version >= 1 && version <= versions.length) return version
  throw noSuchVersion(keyId, version)
}

function noSuchVersion(keyId: string, version: number): KmcError {
  return new KmcError('NOT_FOUND', `The key '${keyId}' has no version ${version}.`, {
    details: { keyId, version },
  })
}

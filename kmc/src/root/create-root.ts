import { wipe } from '@orlop/crypto/bytes'
import { splitSecret, type SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import {
  deriveRootKeys,
  ROOT_KEY_BYTES,
  rootVerifier,
  signerOf,
  wipeRootKeys,
} from './root-keys.ts'
import type { RootRecord } from './root-record.ts'

/** What {@link createRoot} needs. */
export interface CreateRootRequest {
  /** So many shares give the root key back; from 2. */
  readonly threshold: number
  /** One for each custodian; from `threshold` to 255. */
  readonly shares: number
  /** The monitored source of the centre. */
  readonly generate: (lengthBytes: number) => Promise<Uint8Array>
}

/**
 * Makes a root key, splits it and forgets it: afterwards it exists in the shares only. Hand each share to one custodian (`formatShare`),
 * and wipe it here.
 *
 * @throws RangeError for other counts; KmcError `RANDOM_REFUSED`, `RANDOM_NOT_TESTED` from the source.
 */
export async function createRoot(
  request: CreateRootRequest,
): Promise<{ record: RootRecord; shares: SecretShare[] }> {
  const root = await request.generate(ROOT_KEY_BYTES)
  try {
    const { set, shares } = await splitSecret(root, request)
    const keys = deriveRootKeys(root, set.setId)
    const record = { set, verifier: rootVerifier(root, set.setId), signer: signerOf(keys) }
    wipeRootKeys(keys)
    return { record, shares }
  } finally {
    wipe(root)
  }
}

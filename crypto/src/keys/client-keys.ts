import { secp256k1 } from '@noble/curves/secp256k1.js'

import { assertBytes, wipe } from '../bytes.ts'
import { hkdfSha256 } from '../kdf.ts'
import { X25519_BYTES } from '../x25519.ts'

/** Length of a client's seed. */
export const SEED_BYTES = 32

// FIPS 186-5 A.2.1: 64 bits more than the order, so that reducing leaves no bias.
const LEDGER_MATERIAL_BYTES = 48

/** What a client derives from its one seed (formats.md 1). */
export interface ClientKeys {
  /** secp256k1, signs for the ledger; 32 bytes. */
  readonly ledgerSecretKey: Uint8Array
  /** X25519, opens data keys wrapped to the client; 32 bytes. */
  readonly openingSecretKey: Uint8Array
  /** Overwrites the keys; they must not be used afterwards. */
  dispose(): void
}

/**
 * Derives a client's keys from its seed (32 bytes): the info strings `orlop/1/client/ledger` and
 * `orlop/1/client/opening`, no salt.
 *
 * @throws TypeError or RangeError when the seed is not 32 bytes
 */
export function deriveClientKeys(seed: Uint8Array): ClientKeys {
  assertBytes('seed', seed, SEED_BYTES)
  const salt = new Uint8Array(0)
  const material = hkdfSha256({
    key: seed,
    salt,
    info: 'orlop/1/client/ledger',
    lengthBytes: LEDGER_MATERIAL_BYTES,
  })
  const ledgerSecretKey = secp256k1.utils.randomSecretKey(material)
  wipe(material)
  const openingSecretKey = hkdfSha256({
    key: seed,
    salt,
    info: 'orlop/1/client/opening',
    lengthBytes: X25519_BYTES,
  })
  return {
    ledgerSecretKey,
    openingSecretKey,
    dispose() {
      wipe(ledgerSecretKey, openingSecretKey)
    },
  }
}

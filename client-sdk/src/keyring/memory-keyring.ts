import { randomBytes, wipe } from '@orlop/crypto/bytes'
import { SEED_BYTES } from '@orlop/crypto/keys/client-keys'
import { generateSecretKey } from '@orlop/crypto/sign'
import { addressOfSecretKey, deriveKeySet, type KeySet } from './key-set.ts'
import type { CreatedKeyring, Keyring } from './keyring.ts'

/** Keeps the keys in memory only. For tests, and for applications that have a safe place of their own for a seed. */
export class MemoryKeyring implements Keyring {
  readonly recoveryAddress: string
  readonly #keySets: KeySet[]

  /**
   * @param seeds - newest first, 32 bytes each, at least one; read, not kept.
   * @param recoveryAddress - EIP-55.
   */
  constructor(seeds: readonly Uint8Array[], recoveryAddress: string) {
    if (seeds.length === 0) throw new RangeError('seeds: expected at least one, got none')
    this.#keySets = seeds.map(deriveKeySet)
    this.recoveryAddress = recoveryAddress
  }

  /** A keyring with a fresh seed and a fresh recovery key. */
  static create(): CreatedKeyring {
    const recoverySecretKey = generateSecretKey()
    const keyring = new MemoryKeyring(
      [randomBytes(SEED_BYTES)],
      addressOfSecretKey(recoverySecretKey),
    )
    return { keyring, recoverySecretKey }
  }

  get keySets(): readonly KeySet[] {
    return this.#keySets
  }

  addKeySet(): Promise<KeySet> {
    const keySet = deriveKeySet(randomBytes(SEED_BYTES))
    this.#keySets.unshift(keySet)
    return Promise.resolve(keySet)
  }

  dispose(): void {
    for (const keySet of this.#keySets) wipe(keySet.ledgerSecretKey, keySet.openingSecretKey)
  }
}

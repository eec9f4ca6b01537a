import { randomBytes, wipe } from '@orlop/crypto/bytes'
import { SEED_BYTES } from '@orlop/crypto/keys/client-keys'
import { addressOfSecretKey, deriveKeySet, type KeySet } from './key-set.ts'
import type { KeyringSecrets } from './keyring-file-format.ts'
import type { Keyring } from './keyring.ts'

/** A keyring that keeps its seeds; where to is its subclass's business. */
export abstract class SeedKeyring implements Keyring {
  readonly #secrets: KeyringSecrets
  readonly #keySets: KeySet[]

  /** @param secrets - taken over, and wiped by `dispose`. */
  protected constructor(secrets: KeyringSecrets) {
    this.#secrets = secrets
    this.#keySets = secrets.seeds.map(deriveKeySet)
  }

  get keySets(): readonly KeySet[] {
    return this.#keySets
  }

  get recoveryAddress(): string {
    return this.#secrets.recoveryAddress
  }

  async addKeySet(): Promise<KeySet> {
    const seed = randomBytes(SEED_BYTES)
    const seeds = [seed, ...this.#secrets.seeds]
    await this.save({ ...this.#secrets, seeds })
    this.#secrets.seeds = seeds
    const keySet = deriveKeySet(seed)
    this.#keySets.unshift(keySet)
    return keySet
  }

  dispose(): void {
    wipe(...this.#secrets.seeds)
    for (const keySet of this.#keySets) wipe(keySet.ledgerSecretKey, keySet.openingSecretKey)
  }

  /** Keeps these secrets in place of the former ones, durably when it resolves. */
  protected abstract save(secrets: KeyringSecrets): Promise<void>
}

/** The secrets of a new keyring: one fresh seed. */
export function freshSecrets(recoverySecretKey: Uint8Array): KeyringSecrets {
  return {
    seeds: [randomBytes(SEED_BYTES)],
    recoveryAddress: addressOfSecretKey(recoverySecretKey),
  }
}

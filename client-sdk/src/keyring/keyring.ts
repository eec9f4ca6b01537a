import type { KeySet } from './key-set.ts'

/**
 * Who a client is: its own keys, and the address of the recovery key, which is kept elsewhere and replaces them when the ship's
 * computer is lost or stolen. Former keys stay in the keyring, because objects sealed to them must still open.
 */
export interface Keyring {
  /** Newest first, at least one. Which of them the ledger knows is found by asking it. */
  readonly keySets: readonly KeySet[]
  /** EIP-55 address of the recovery key. */
  readonly recoveryAddress: string
  /** Makes new keys in front of the others; they are durable when this resolves. */
  addKeySet(): Promise<KeySet>
  /** Overwrites the secret keys in memory; the keyring must not be used afterwards. */
  dispose(): void
}

/** A keyring that was just made. */
export interface CreatedKeyring {
  readonly keyring: Keyring
  /** secp256k1, 32 bytes. Keep it away from the ship and wipe this copy: who has it can take the client over. */
  readonly recoverySecretKey: Uint8Array
}

import type { Header } from '@orlop/crypto/format/header'
import type { Stanza } from '@orlop/crypto/format/stanza'

/** An object's wrapped key, as whoever opens it sees it. */
export interface WrappedKey {
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
  /** The owner's number on the ledger. */
  readonly ownerId: number
  readonly header: Header
  /** Everything the envelope says of the key. */
  readonly stanzas: readonly Stanza[]
  /** This client's X25519 secret keys, newest first; not to be kept. */
  readonly openingSecretKeys: readonly Uint8Array[]
  /** ms since 1970 UTC, by the client's corrected clock. */
  readonly nowMs: number
}

/**
 * Another way to an object's key than the client's own keys: `openWithShares`, `openWithSm2Key`, `openWithCard`, `openWithPartials`.
 *
 * @returns the data key, 32 bytes, which the client wipes; null when the object has nothing for it. The client checks the key.
 */
export type KeyOpener = (wrapped: WrappedKey) => Promise<Uint8Array | null>

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { assertBytes } from '@orlop/crypto/bytes'

/** Length of the secret a libp2p identity grows from (RFC 8032 section 5.1.5). */
export const PEER_SEED_BYTES = 32

/** The Ed25519 key of a libp2p identity. @param seed - 32 secret bytes; read, not kept. */
export async function peerKeyOf(seed: Uint8Array): Promise<Ed25519PrivateKey> {
  assertBytes('peer seed', seed, PEER_SEED_BYTES)
  return generateKeyPairFromSeed('Ed25519', seed)
}

/** The libp2p peer id, as text, of the identity that grows from `seed` (32 bytes). */
export async function peerIdOf(seed: Uint8Array): Promise<string> {
  return peerIdFromPrivateKey(await peerKeyOf(seed)).toString()
}

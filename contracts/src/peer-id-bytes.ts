import { base58 } from '@scure/base'

const MAX_PEER_ID_BYTES = 64

/**
 * The multihash of a libp2p peer id, as the ledger keeps it.
 *
 * @param peerId - base58btc text, as libp2p writes it ("12D3Koo…", "Qm…").
 * @throws RangeError when the text is no such id.
 */
export function peerIdToBytes(peerId: string): Uint8Array {
  try {
    const bytes = base58.decode(peerId)
    if (bytes.length > 0 && bytes.length <= MAX_PEER_ID_BYTES) return bytes
  } catch {
    // falls through to the one message below
  }
  throw new RangeError(
    `peerId: expected 1 to ${MAX_PEER_ID_BYTES} bytes in base58, got '${peerId.slice(0, 80)}'`,
  )
}

/** The text of a libp2p peer id from its multihash. */
export function peerIdFromBytes(bytes: Uint8Array): string {
  return base58.encode(bytes)
}

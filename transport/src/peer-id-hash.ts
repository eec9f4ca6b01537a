import { base58 } from '@scure/base'
import { sha256 } from '@orlop/crypto/hash'
import { OrlopError } from '@orlop/protocol/errors'

/** Multihash codes (multiformats.io/multihash): keys of up to 42 bytes stand as they are, longer ones as their SHA-256. */
const IDENTITY = 0x00
const SHA2_256 = 0x12
const MAX_IDENTITY_BYTES = 42
const SHA2_256_BYTES = 32

/**
 * `peerIdHash` of the signed hello: SHA-256 of the peer id's multihash bytes.
 *
 * @param peerId - base58btc, as libp2p writes it ("12D3Koo…", "Qm…").
 * @throws OrlopError `MALFORMED_MESSAGE` when the text is no peer id.
 */
export function hashPeerId(peerId: string): Uint8Array {
  const multihash = decodeMultihash(peerId)
  if (multihash !== null) return sha256(multihash)
  throw new OrlopError(
    'MALFORMED_MESSAGE',
    `'${peerId.slice(0, 128)}' is not a libp2p peer id. Check the address in the registry.`,
  )
}

function decodeMultihash(peerId: string): Uint8Array | null {
  // Far above the longest; base58 takes time that grows with the square of the length.
  if (peerId.length > 128) return null
  let bytes: Uint8Array
  try {
    bytes = base58.decode(peerId)
  } catch {
    return null
  }
  const [code, digestBytes] = bytes
  if (digestBytes !== bytes.length - 2) return null
  const isKey = code === IDENTITY && digestBytes > 0 && digestBytes <= MAX_IDENTITY_BYTES
  const isHash = code === SHA2_256 && digestBytes === SHA2_256_BYTES
  return isKey || isHash ? bytes : null
}

import { concat, encodeUtf8, randomBytes, u64be } from '@orlop/crypto/bytes'
import { platformBackend } from '@orlop/crypto/backends/platform-backend'

const FORMAT = 1
const NONCE_BYTES = 24
const VERSION_OFFSET = 1
const NONCE_OFFSET = 9
const HEAD_BYTES = NONCE_OFFSET + NONCE_BYTES

/** Where sealed bytes belong: what they are bound to. */
export interface RowBinding {
  /** 16 bytes: a row of another centre does not open. */
  readonly centreId: Uint8Array
  readonly place: string
  /** The sequence number of the change that wrote it. */
  readonly version: number
}

/** Seals a value for one place and version by XChaCha20-Poly1305: format ‖ version ‖ nonce ‖ ciphertext ‖ tag. */
export function sealRow(key: Uint8Array, binding: RowBinding, value: Uint8Array): Uint8Array {
  // Nonces need to differ, not to be secret: a source that refuses keys must not stop a revocation.
  const nonce = randomBytes(NONCE_BYTES)
  const sealed = platformBackend.seal({
    suite: 'xchacha20-poly1305',
    key,
    nonce,
    additionalData: bindingBytes(binding),
    plaintext: [value],
  })
  return concat(Uint8Array.of(FORMAT), u64be(binding.version), nonce, sealed)
}

/** The version that a sealed row says it has; null when it is no row. */
export function versionOfRow(row: Uint8Array): number | null {
  if (row.length < HEAD_BYTES || row[0] !== FORMAT) return null
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  const version = Number(view.getBigUint64(VERSION_OFFSET))
  return Number.isSafeInteger(version) ? version : null
}

/**
 * Opens what {@link sealRow} sealed.
 *
 * @throws AuthenticationError when it was changed, or sealed for another place, version, centre or key
 */
export function openRow(key: Uint8Array, binding: RowBinding, row: Uint8Array): Uint8Array {
  return platformBackend.open({
    suite: 'xchacha20-poly1305',
    key,
    nonce: row.subarray(NONCE_OFFSET, HEAD_BYTES),
    additionalData: bindingBytes(binding),
    sealed: row.subarray(HEAD_BYTES),
  })
}

function bindingBytes({ centreId, place, version }: RowBinding): Uint8Array {
  return concat(encodeUtf8('orlop/kmc/1/row'), centreId, u64be(version), encodeUtf8(place))
}

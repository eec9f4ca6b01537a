import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'

/** Writes an opening key (32 bytes) as people pass it on: 64 hexadecimal digits. */
export function formatOpeningKey(openingKey: Uint8Array): string {
  return encodeHex(openingKey)
}

/**
 * Reads an opening key back. Spaces and case do not matter.
 *
 * @throws OrlopError `USAGE` when it is none.
 */
export function parseOpeningKey(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(digits)) return decodeHex(digits)
  throw new OrlopError(
    'USAGE',
    `'${text.slice(0, 80)}' is not an opening key: expected 64 hexadecimal digits, as 'orlop whoami' shows them.`,
  )
}

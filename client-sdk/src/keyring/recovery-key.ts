import { base32nopad } from '@scure/base'
import { sha256 } from '@orlop/crypto/hash'
import { SECRET_KEY_BYTES } from '@orlop/crypto/sign'
import { OrlopError } from '@orlop/protocol/errors'

const PREFIX = 'orlop-recovery:'
const CHECK_BYTES = 3

/**
 * Writes a recovery key for paper or a safe: a prefix, then base32 of the key and three check bytes, so that a slip of the pen
 * is noticed.
 *
 * @param recoverySecretKey - 32 bytes.
 */
export function formatRecoveryKey(recoverySecretKey: Uint8Array): string {
  if (recoverySecretKey.length !== SECRET_KEY_BYTES) {
    throw new RangeError(`recoverySecretKey: expected 32 bytes, got ${recoverySecretKey.length}`)
  }
  const checked = new Uint8Array(SECRET_KEY_BYTES + CHECK_BYTES)
  checked.set(recoverySecretKey)
  checked.set(sha256(recoverySecretKey).subarray(0, CHECK_BYTES), SECRET_KEY_BYTES)
  return PREFIX + base32nopad.encode(checked).toLowerCase()
}

/**
 * Reads a recovery key back. Spaces and case do not matter.
 *
 * @throws OrlopError `USAGE` when it is not one, or a letter is wrong. The message does not repeat it.
 */
export function parseRecoveryKey(text: string): Uint8Array {
  const letters = text.replaceAll(/\s/g, '').toLowerCase()
  try {
    const checked = base32nopad.decode(letters.replace(PREFIX, '').toUpperCase())
    const key = checked.subarray(0, SECRET_KEY_BYTES)
    if (checked.length === SECRET_KEY_BYTES + CHECK_BYTES) {
      if (formatRecoveryKey(key) === PREFIX + letters.replace(PREFIX, '')) return key
    }
  } catch {
    // falls through to the one message below, which must not show the text
  }
  throw new OrlopError(
    'USAGE',
    `This is not a recovery key: expected ${PREFIX} and 56 letters. Compare it with the copy letter by letter.`,
  )
}

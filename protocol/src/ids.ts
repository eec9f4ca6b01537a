import { base32nopad } from '@scure/base'
import { OrlopError } from './errors.ts'

/** Bytes of an object's random name. */
export const OBJECT_ID_BYTES = 32
const PREFIX = 'orlop:'

/**
 * Writes an object's name as people and URLs see it: `orlop:` and 52 lower-case base32 letters (RFC 4648, no padding).
 *
 * @param objectId - 32 bytes.
 * @throws RangeError when the length is not 32.
 */
export function formatObjectId(objectId: Uint8Array): string {
  if (objectId.length !== OBJECT_ID_BYTES) {
    throw new RangeError(`objectId: expected ${OBJECT_ID_BYTES} bytes, got ${objectId.length}`)
  }
  return PREFIX + base32nopad.encode(objectId).toLowerCase()
}

/**
 * Reads an object's name back to its 32 bytes. The prefix may be missing; case does not matter.
 *
 * @throws OrlopError `USAGE` when the text is not an object's name.
 */
export function parseObjectId(text: string): Uint8Array {
  const letters = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text
  try {
    const bytes = base32nopad.decode(letters.toUpperCase())
    if (bytes.length === OBJECT_ID_BYTES) return bytes
  } catch {
    // falls through to the one message below
  }
  throw new OrlopError(
    'USAGE',
    `'${text.slice(0, 80)}' is not an object name. Expected orlop: and 52 base32 letters, as 'orlop ls' shows.`,
  )
}

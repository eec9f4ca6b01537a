import { base64urlnopad } from '@scure/base'
import { CryptoError } from '@orlop/crypto/errors'
import { decodeGivenShare, encodeGivenShare, type GivenShare } from '@orlop/crypto/keys/given-share'
import { OrlopError } from '@orlop/protocol/errors'

const PREFIX = 'orlop-given-share:'
const MAX_LETTERS = 1024

/** A given share as custodians send it to the requester, by whatever way: only the requester can open it. */
export function formatGivenShare(given: GivenShare): string {
  return PREFIX + base64urlnopad.encode(encodeGivenShare(given))
}

/**
 * Reads a given share back. Spaces and line breaks do not matter.
 *
 * @throws OrlopError `SHARE_INVALID` when it is none.
 */
export function parseGivenShare(text: string): GivenShare {
  const letters = text.slice(0, MAX_LETTERS).replaceAll(/\s/g, '')
  try {
    if (letters.startsWith(PREFIX)) {
      return decodeGivenShare(base64urlnopad.decode(letters.slice(PREFIX.length)))
    }
  } catch (cause) {
    if (cause instanceof CryptoError) throw notAShare(cause)
    throw notAShare()
  }
  throw notAShare()
}

function notAShare(cause?: CryptoError): OrlopError {
  return new OrlopError(
    'SHARE_INVALID',
    `This is no share that a custodian gave: expected one line that begins with ${PREFIX}, whole. Ask the custodian for it again.`,
    { cause },
  )
}

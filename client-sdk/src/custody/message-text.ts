import { base64urlnopad } from '@scure/base'
import { CryptoError } from '@orlop/crypto/errors'
import { OrlopError } from '@orlop/protocol/errors'

/** One kind of message that custodians send, as one line of text. */
export interface MessageKind<T> {
  readonly prefix: string
  /** Longer texts are not looked at. */
  readonly maxLetters: number
  /** What it is, as in "This is no share that a custodian gave". */
  readonly what: string
  readonly encode: (message: T) => Uint8Array
  /** @throws CryptoError when the bytes are none. */
  readonly decode: (bytes: Uint8Array) => T
}

/** A message as a line of text. */
export function formatMessage<T>({ prefix, encode }: MessageKind<T>, message: T): string {
  return prefix + base64urlnopad.encode(encode(message))
}

/**
 * Reads a message back. Spaces and line breaks do not matter.
 *
 * @throws OrlopError `SHARE_INVALID` when it is none.
 */
export function parseMessage<T>(kind: MessageKind<T>, text: string): T {
  const letters = text.slice(0, kind.maxLetters).replaceAll(/\s/g, '')
  if (!letters.startsWith(kind.prefix)) throw noMessage(kind)
  try {
    return kind.decode(base64urlnopad.decode(letters.slice(kind.prefix.length)))
  } catch (cause) {
    throw noMessage(kind, cause instanceof CryptoError ? cause : undefined)
  }
}

function noMessage<T>({ prefix, what }: MessageKind<T>, cause?: CryptoError): OrlopError {
  return new OrlopError(
    'SHARE_INVALID',
    `This is no ${what}: expected one line that begins with ${prefix}, whole. Ask for it again.`,
    { cause },
  )
}

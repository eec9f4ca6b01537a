import type { TextEncoding } from './kind-of.ts'

/** The beginning of a text, decoded. */
export interface DecodedText {
  readonly text: string
  /** Places where the bytes are no character of the encoding, or were not when somebody else decoded it; each shows as U+FFFD. */
  readonly invalid: number
}

/**
 * Decodes the beginning of a text. A byte order mark is left out, and so is a character that the end cut.
 *
 * @param isWhole - whether nothing comes after the bytes.
 */
export function decodeText(
  bytes: Uint8Array,
  encoding: TextEncoding,
  isWhole: boolean,
): DecodedText {
  const text = new TextDecoder(encoding).decode(bytes, { stream: !isWhole })
  return { text, invalid: text.split('\ufffd').length - 1 }
}

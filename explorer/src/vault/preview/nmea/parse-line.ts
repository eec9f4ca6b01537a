/** One sentence of NMEA 0183 whose checksum is right. */
export interface Sentence {
  /** What follows `$` or `!`: talker and formatter such as `GPGLL`, or a maker's own such as `PGRME`. */
  readonly address: string
  readonly fields: readonly string[]
}

/** What a line of a log turned out to be. */
export type LineReading =
  | { readonly kind: 'blank' }
  | { readonly kind: 'sentence'; readonly sentence: Sentence }
  /** Shaped as a sentence, but its checksum or that of its tag block says that bytes are not as they were sent. */
  | { readonly kind: 'bad-checksum' }
  /** No sentence with a checksum: a comment of the recorder, a line cut off, anything else. */
  | { readonly kind: 'no-sentence' }

/** Longest line that is read, with a recorder's prefix and tag blocks. A sentence has at most 82 characters (IEC 61162-1, 7.1). */
export const MAX_LINE_BYTES = 1024

// IEC 61162-1, 7.2: only printable ASCII, `$`, `!`, `*` and `\` for nothing but their own purpose. A recorder may put something
// of its own first, such as a time; tag blocks stand between backslashes (NMEA 0183 4.10, 7; IEC 61162-450).
const LINE =
  /^[^$!*\\]*((?:\\[^\\]*\\)*)([$!])(([A-Z][A-Za-z0-9]{2,14})(?:,[^$!*\\]*)?)\*([0-9A-Fa-f]{2})$/
const TAG_BLOCK = /^([^*$!]*)\*([0-9A-Fa-f]{2})$/
const PACKED = /^..(?:ABM|BBM|TTD|VDM|VDO)$/
const SPACE = 0x20
const LAST_PRINTABLE = 0x7e

const BLANK: LineReading = { kind: 'blank' }
const NO_SENTENCE: LineReading = { kind: 'no-sentence' }
const BAD_CHECKSUM: LineReading = { kind: 'bad-checksum' }

/**
 * Reads one line of an NMEA 0183 log (IEC 61162-1) by its checksum. Never throws, whatever the bytes.
 *
 * @param line - without its line end, at most {@link MAX_LINE_BYTES}.
 */
export function parseLine(line: Uint8Array): LineReading {
  const text = decodePrintable(line)
  if (text === null) return NO_SENTENCE
  if (text === '') return BLANK
  const match = LINE.exec(text)
  if (match === null) return NO_SENTENCE
  const [, tagBlocks = '', start, body = '', address = '', declared = ''] = match
  if (!mayStart(start, address)) return NO_SENTENCE
  if (checksumOf(body) !== Number.parseInt(declared, 16)) return BAD_CHECKSUM
  if (!areTagBlocksRight(tagBlocks)) return BAD_CHECKSUM
  const fields = body.length === address.length ? [] : body.slice(address.length + 1).split(',')
  return { kind: 'sentence', sentence: { address, fields } }
}

/** `!` begins sentences that carry packed bits, and only those; makers' own may begin either way (IEC 61162-1, 7.3.4). */
function mayStart(start: string | undefined, address: string): boolean {
  return address.startsWith('P') || (start === '!') === PACKED.test(address)
}

/** The line's characters without spaces at its end; null when a byte is none of the standard's characters. */
function decodePrintable(line: Uint8Array): string | null {
  let length = line.length
  while (length > 0 && (line[length - 1] ?? 0) <= SPACE) length -= 1
  let text = ''
  for (let index = 0; index < length; index++) {
    const byte = line[index] ?? 0
    if (byte < SPACE || byte > LAST_PRINTABLE) return null
    text += String.fromCharCode(byte)
  }
  return text
}

/** The exclusive or of all characters between the delimiters (IEC 61162-1, 7.3.4). */
function checksumOf(body: string): number {
  let checksum = 0
  for (let index = 0; index < body.length; index++) checksum ^= body.charCodeAt(index)
  return checksum
}

/** Each tag block ends in a checksum of its own. @param blocks - `\…\` after `\…\`, or nothing. */
function areTagBlocksRight(blocks: string): boolean {
  return blocks
    .split('\\')
    .filter((_, index) => index % 2 === 1)
    .every((block) => {
      const [, body, declared = ''] = TAG_BLOCK.exec(block) ?? []
      return body !== undefined && checksumOf(body) === Number.parseInt(declared, 16)
    })
}

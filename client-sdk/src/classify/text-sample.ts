const BINARY_SHARE = 0.02
const MAX_LINES = 400
const MAX_LINE_CHARACTERS = 4096
const UTF8_LONGEST = 4

/** The head of a text file, decoded. */
export interface TextSample {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'latin1'
  readonly text: string
  /** Whole lines that are not blank, at most 400; the last is left out when the head cut it. */
  readonly lines: readonly string[]
}

/**
 * Decodes the head of a file when it is text: UTF-8, UTF-16 with a byte order mark, GB 18030 (common in Chinese ships' files), or
 * a single-byte encoding.
 *
 * @param isWhole whether `head` is the whole content, so that its last line is complete.
 * @returns null when it is empty or binary.
 */
export function decodeTextSample(head: Uint8Array, isWhole: boolean): TextSample | null {
  const decoded = decode(head)
  if (decoded === null) return null
  const { encoding, text } = decoded
  const all = text.split(/\r\n|\n|\r/, MAX_LINES + 1)
  if (!isWhole && all.length > 1 && all.length <= MAX_LINES) all.pop()
  const lines = all
    .slice(0, MAX_LINES)
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, MAX_LINE_CHARACTERS))
  return { encoding, text, lines }
}

function decode(head: Uint8Array): Pick<TextSample, 'encoding' | 'text'> | null {
  if (head.length === 0) return null
  if (head[0] === 0xff && head[1] === 0xfe) return decodeAs('utf-16le', head)
  if (head[0] === 0xfe && head[1] === 0xff) return decodeAs('utf-16be', head)
  if (controlShare(head) > BINARY_SHARE) return null
  const utf8 = decodeUtf8Head(head)
  if (utf8 !== null) return { encoding: 'utf-8', text: utf8 }
  const chinese = decodeAs('gb18030', head)
  if (isChineseText(chinese.text)) return chinese
  return decodeAs('latin1', head)
}

function decodeAs(encoding: TextSample['encoding'], bytes: Uint8Array) {
  return { encoding, text: new TextDecoder(encoding).decode(bytes) }
}

/** A head may end inside a character, so up to three bytes at the end may be cut. */
function decodeUtf8Head(head: Uint8Array): string | null {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let cut = 0; cut < UTF8_LONGEST && cut < head.length; cut++) {
    try {
      return decoder.decode(head.subarray(0, head.length - cut))
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
  return null
}

/** Share of bytes that no text encoding of ours has: control characters other than tab, line ends, form feed and escape. */
function controlShare(bytes: Uint8Array): number {
  let controls = 0
  for (const byte of bytes) {
    const isTextControl = (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b
    if (byte === 0) return 1
    if (byte < 0x20 && !isTextControl) controls += 1
  }
  return controls / bytes.length
}

function isChineseText(text: string): boolean {
  const invalid = text.slice(0, -1).includes('\ufffd')
  return !invalid && (text.match(/[\u4e00-\u9fff]/g)?.length ?? 0) >= 4
}

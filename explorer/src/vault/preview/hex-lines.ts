/** Sixteen bytes as hexadecimal digits and as characters. */
export interface HexLine {
  readonly offset: string
  readonly hex: string
  readonly text: string
}

/** Bytes that are shown of what has no other preview. */
export const HEX_BYTES = 512
const BYTES_PER_LINE = 16

/** The first bytes, as far as {@link HEX_BYTES}, sixteen a line; a byte that is no printable ASCII character is a dot. */
export function hexLines(bytes: Uint8Array): HexLine[] {
  const lines: HexLine[] = []
  const end = Math.min(bytes.length, HEX_BYTES)
  for (let start = 0; start < end; start += BYTES_PER_LINE) {
    const part = bytes.subarray(start, Math.min(end, start + BYTES_PER_LINE))
    const digits = Array.from(part, (byte) => byte.toString(16).padStart(2, '0'))
    lines.push({
      offset: start.toString(16).padStart(4, '0'),
      hex: [digits.slice(0, 8).join(' '), digits.slice(8).join(' ')].join('  ').trimEnd(),
      text: Array.from(part, printable).join(''),
    })
  }
  return lines
}

function printable(byte: number): string {
  return byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '.'
}

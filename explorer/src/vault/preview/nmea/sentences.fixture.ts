const encoder = new TextEncoder()

/** The bytes of lines. */
export function linesOf(...lines: readonly string[]): Uint8Array {
  return encoder.encode(lines.map((line) => `${line}\r\n`).join(''))
}

/** A sentence with its checksum. @param body - without `$` and `*`. */
export function sentenceOf(body: string, start = '$'): string {
  return `${start}${body}*${checksumText(body)}`
}

/** A tag block with its checksum. */
export function tagBlockOf(body: string): string {
  return `\\${body}*${checksumText(body)}\\`
}

function checksumText(body: string): string {
  const checksum = Array.from(body).reduce((sum, each) => sum ^ each.charCodeAt(0), 0)
  return checksum.toString(16).toUpperCase().padStart(2, '0')
}

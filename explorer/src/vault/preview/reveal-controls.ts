/** A text in which nothing hides. */
export interface RevealedText {
  readonly text: string
  /** Characters that change the direction of writing. */
  readonly directions: number
  /** Other characters that do not show. */
  readonly hidden: number
}

const DIRECTION_NAMES: Readonly<Record<string, string>> = {
  '\u061c': 'ALM',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
}
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
// Control characters other than tab and line ends; zero-width spaces and marks; tag characters. Joiners stay: scripts need them.
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff]|[\u{e0000}-\u{e007f}]/gu

/**
 * Shows characters that would change what a reader sees without being seen: those that turn the direction of writing around (Unicode
 * UAX #9, 2), control characters and invisible ones. Line ends become LF.
 */
export function revealControls(text: string): RevealedText {
  let directions = 0
  let hidden = 0
  const revealed = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(HIDDEN, (character) => {
      hidden += 1
      return markOf(numberOf(character))
    })
    .replaceAll(DIRECTIONS, (character) => {
      directions += 1
      return markOf(DIRECTION_NAMES[character] ?? numberOf(character))
    })
  return { text: revealed, directions, hidden }
}

/** Marks that every font has, around a name or number. */
function markOf(name: string): string {
  return `‹${name}›`
}

function numberOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** A text in parts that a browser can lay out. */
export interface FoldedText {
  /** Some lines each; between two of them there is a line end. */
  readonly blocks: readonly string[]
  /** Characters of the longest line, before it was folded. */
  readonly longest: number
}

/** Longest line that is shown as one. Browsers take time with the square of a line's length: seconds at a hundred thousand characters. */
export const MAX_LINE_CHARACTERS = 1000
/** The same goes for what stands in one block; what is out of sight need not be laid out at all. */
const BLOCK_CHARACTERS = 8000

/** Breaks lines that are longer than {@link MAX_LINE_CHARACTERS}, and puts lines into blocks. @param text - with LF as its line ends. */
export function foldLines(text: string): FoldedText {
  let longest = 0
  const lines: string[] = []
  for (let start = 0; start <= text.length;) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    longest = Math.max(longest, end - start)
    let at = start
    do {
      const next = wholeCharactersUntil(text, Math.min(end, at + MAX_LINE_CHARACTERS))
      lines.push(text.slice(at, next))
      at = next
    } while (at < end)
    start = end + 1
  }
  return { blocks: blocksOf(lines), longest }
}

function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[] = []
  let first = 0
  let characters = 0
  for (const [index, line] of lines.entries()) {
    characters += line.length + 1
    if (characters < BLOCK_CHARACTERS && index < lines.length - 1) continue
    blocks.push(lines.slice(first, index + 1).join('\n'))
    first = index + 1
    characters = 0
  }
  return blocks
}

/** The same place, or one further when it is between the two halves of a character beyond the 65 536th. */
function wholeCharactersUntil(text: string, end: number): number {
  const isHalf = /[\ud800-\udbff]/.test(text.charAt(end - 1))
  return isHalf && end < text.length ? end + 1 : end
}

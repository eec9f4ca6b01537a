import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** How a text looks: body, emphasis, or hashes and addresses. */
export type Face = 'body' | 'strong' | 'mono'

/** A stretch of text in one font file. */
export interface Run {
  readonly font: string
  readonly text: string
}

/** A font file cut to some characters, as the font packages deliver Chinese. */
interface Subset {
  readonly key: string
  readonly ranges: readonly (readonly [first: number, last: number])[]
}

const PACKAGES = { sans: '@fontsource/noto-sans-sc', mono: '@fontsource/noto-sans-mono' } as const
const FAMILIES: Readonly<Record<Face, { family: keyof typeof PACKAGES; weight: number }>> = {
  body: { family: 'sans', weight: 400 },
  strong: { family: 'sans', weight: 600 },
  mono: { family: 'mono', weight: 400 },
}

/**
 * The fonts of printed evidence: Noto Sans SC for text in Latin, Cyrillic and Chinese letters, Noto Sans Mono for hashes (both SIL Open
 * Font License 1.1). Files are read as they are needed, and only the letters in use go into the document.
 */
export class FontBook {
  readonly #subsets = { sans: subsetsOf('sans'), mono: subsetsOf('mono') }
  readonly #register: (font: string, file: Uint8Array) => void
  readonly #registered = new Set<string>()
  readonly #fonts = new Map<string, string | null>()

  /** @param register - makes a font known to the document under its name; called once for each. */
  constructor(register: (font: string, file: Uint8Array) => void) {
    this.#register = register
  }

  /** A text as runs of one font each. A letter that no font has is written as its code, so that nothing is dropped in silence. */
  runs(text: string, face: Face): Run[] {
    const runs: { font: string; text: string }[] = []
    for (const letter of printable(text)) {
      const font = this.#fontOf(letter, face)
      const pieces = font === null ? this.runs(codeOf(letter), face) : [{ font, text: letter }]
      for (const piece of pieces) {
        const last = runs.at(-1)
        if (last?.font === piece.font) last.text += piece.text
        else runs.push({ ...piece })
      }
    }
    return runs
  }

  #fontOf(letter: string, face: Face): string | null {
    const key = `${face} ${letter}`
    const known = this.#fonts.get(key)
    if (known !== undefined) return known
    const found = this.#find(letter, face) ?? (face === 'mono' ? this.#find(letter, 'body') : null)
    this.#fonts.set(key, found)
    return found
  }

  #find(letter: string, face: Face): string | null {
    const { family, weight } = FAMILIES[face]
    const code = letter.codePointAt(0) ?? 0
    const isIn = ({ ranges }: Subset) =>
      ranges.some(([first, last]) => code >= first && code <= last)
    const subset = this.#subsets[family].find(isIn)
    if (subset === undefined) return null
    const base = PACKAGES[family]
    const font = `${base.replace('@fontsource/', '')}-${subset.key}-${weight}-normal`
    if (!this.#registered.has(font)) {
      this.#register(font, readFileSync(fileOf(`${base}/files/${font}.woff`)))
      this.#registered.add(font)
    }
    return font
  }
}

function subsetsOf(family: keyof typeof PACKAGES): Subset[] {
  const text = readFileSync(fileOf(`${PACKAGES[family]}/unicode.json`), 'utf8')
  const named = Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(text)))
  const subsets = named.map(([name, ranges]) => ({
    key: name.replaceAll(/[[\]]/g, ''),
    ranges: ranges.split(',').map(rangeOf),
  }))
  // Alphabets first: the numbered files of Chinese repeat some of their letters.
  const isNumbered = ({ key }: Subset) => Number(/^\d/.test(key))
  return subsets.sort((left, right) => isNumbered(left) - isNumbered(right))
}

/** `U+4e00-4e02` or `U+4e00`. */
function rangeOf(text: string): [number, number] {
  const [first = '', last = first] = text.trim().slice(2).split('-')
  return [Number.parseInt(first, 16), Number.parseInt(last, 16)]
}

function fileOf(specifier: string): string {
  return fileURLToPath(import.meta.resolve(specifier))
}

/** Without control and formatting characters, which would turn or break a line of the form (Unicode Cc, Cf, Zl, Zp). */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
}

function codeOf(letter: string): string {
  return `[U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`
}

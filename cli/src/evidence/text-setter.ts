import { type Face, FontBook } from './font-book.ts'

/** How text is set; sizes in points. */
export interface TextStyle {
  readonly face: Face
  readonly size: number
  readonly color: string
}

/** Distance of base lines, in sizes. */
const LEADING = 1.42
/** What may stand at the end of a line: spaces, and every Chinese character. */
const PIECES =
  /\s+|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+/gu

/** Measures, breaks and draws text in as many fonts as its letters need. */
export class TextSetter {
  readonly #document: PDFKit.PDFDocument
  readonly #fonts: FontBook

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document
    this.#fonts = new FontBook((font, file) => {
      document.registerFont(font, Buffer.from(file))
    })
  }

  /** Height of so many lines, points. */
  height(lines: number, { size }: TextStyle): number {
    return lines * size * LEADING
  }

  width(text: string, { face, size }: TextStyle): number {
    return this.#fonts
      .runs(text, face)
      .map((run) => this.#document.font(run.font).fontSize(size).widthOfString(run.text))
      .reduce((sum, width) => sum + width, 0)
  }

  /** The lines of a text in a column; words that are wider than the column are broken anywhere. */
  lines(text: string, style: TextStyle, columnWidth: number): string[] {
    const lines: string[] = []
    let line = ''
    for (const piece of text.match(PIECES) ?? []) {
      if (this.width(line + piece.trimEnd(), style) <= columnWidth) {
        line += piece
        continue
      }
      if (line.trim() !== '') lines.push(line.trimEnd())
      const parts = this.#broken(piece.trimStart(), style, columnWidth)
      line = parts.pop() ?? ''
      lines.push(...parts)
    }
    if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd())
    return lines
  }

  /** Draws one line with its top at `y`. */
  draw(text: string, style: TextStyle, { x, y }: { readonly x: number; readonly y: number }): void {
    const { face, size, color } = style
    let at = x
    // One base line for all fonts, whatever their ascents.
    const baseline = y + size * 1.08
    for (const run of this.#fonts.runs(text, face)) {
      this.#document.font(run.font).fontSize(size).fillColor(color)
      this.#document.text(run.text, at, baseline, { lineBreak: false, baseline: 'alphabetic' })
      at += this.#document.widthOfString(run.text)
    }
  }

  #broken(word: string, style: TextStyle, columnWidth: number): string[] {
    const parts: string[] = []
    let part = ''
    for (const letter of word) {
      if (part !== '' && this.width(part + letter, style) > columnWidth) {
        parts.push(part)
        part = ''
      }
      part += letter
    }
    return part === '' ? parts : [...parts, part]
  }
}

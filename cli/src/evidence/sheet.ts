import { type TextStyle, TextSetter } from './text-setter.ts'

const MARGIN = 51
const TOP = 54
const FOOT = 60
const CELL_GAP = 8

const INK = '#16232e'
const MUTED = '#5c6c79'
const ACCENT = '#0b3f63'
const RULE = '#c9d3da'
const TINT = '#f1f5f8'

export const STYLES = {
  body: { face: 'body', size: 9, color: INK },
  cell: { face: 'body', size: 8.2, color: INK },
  strong: { face: 'strong', size: 9, color: INK },
  small: { face: 'body', size: 7.5, color: MUTED },
  label: { face: 'strong', size: 7, color: MUTED },
  mono: { face: 'mono', size: 7.5, color: INK },
  fine: { face: 'mono', size: 6.6, color: MUTED },
  title: { face: 'strong', size: 20, color: INK },
  heading: { face: 'strong', size: 12, color: ACCENT },
  object: { face: 'mono', size: 8, color: ACCENT },
} as const satisfies Record<string, TextStyle>

/** One column of a table: its share of the width, and how its cells look. */
export interface Column {
  readonly title: string
  readonly share: number
  readonly style?: TextStyle
}

/** A row, with lines under it that take the whole width, such as hashes. */
export interface Row {
  readonly cells: readonly string[]
  readonly details?: readonly string[]
}

/** Pages with a running position: what does not fit goes on the next page, and tables repeat their heads there. */
export class Sheet {
  readonly #document: PDFKit.PDFDocument
  readonly #text: TextSetter
  #y = TOP

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document
    this.#text = new TextSetter(document)
  }

  get #width(): number {
    return this.#document.page.width - 2 * MARGIN
  }

  get #bottom(): number {
    return this.#document.page.height - FOOT
  }

  space(points: number): void {
    this.#y += points
  }

  /** Begins a new page where less room is left than this. */
  keepTogether(points: number): void {
    if (this.#y + points <= this.#bottom) return
    this.#document.addPage()
    this.#y = TOP
  }

  paragraph(text: string, style: TextStyle = STYLES.body): void {
    this.#write(this.#text.lines(text, style, this.#width), style, MARGIN)
  }

  heading(text: string): void {
    this.space(14)
    this.keepTogether(70)
    this.paragraph(text, STYLES.heading)
    this.#rule(ACCENT, 0.8)
    this.space(6)
  }

  /** Names and values in two columns. */
  facts(facts: readonly (readonly [name: string, value: string, style?: TextStyle])[]): void {
    const nameWidth = 108
    for (const [name, value, style = STYLES.body] of facts) {
      const lines = this.#text.lines(value, style, this.#width - nameWidth)
      this.keepTogether(this.#text.height(1, STYLES.body))
      this.#text.draw(name, STYLES.small, { x: MARGIN, y: this.#y + 1 })
      this.#write(lines, style, MARGIN + nameWidth)
      this.space(1.5)
    }
  }

  /** Commands to type, on a tinted ground. */
  commands(lines: readonly string[]): void {
    const height = this.#text.height(lines.length, STYLES.mono) + 12
    this.keepTogether(height)
    this.#document.rect(MARGIN, this.#y, this.#width, height).fill(TINT)
    this.space(6)
    this.#write(lines, STYLES.mono, MARGIN + 8)
    this.space(12)
  }

  table(columns: readonly Column[], rows: readonly Row[]): void {
    const widths = this.#widthsOf(columns)
    this.keepTogether(60)
    this.#head(columns, widths)
    for (const row of rows) {
      const cells = row.cells.map((cell, at) =>
        this.#text.lines(cell, columns[at]?.style ?? STYLES.cell, (widths[at] ?? 0) - CELL_GAP),
      )
      const details = (row.details ?? []).flatMap((detail) =>
        this.#text.lines(detail, STYLES.fine, this.#width),
      )
      const tall = Math.max(
        ...cells.map((lines, at) =>
          this.#text.height(lines.length, columns[at]?.style ?? STYLES.cell),
        ),
      )
      const height = tall + this.#text.height(details.length, STYLES.fine) + 6
      if (this.#y + height > this.#bottom) {
        this.keepTogether(height)
        this.#head(columns, widths)
      }
      this.#cells(cells, { columns, widths })
      this.#y += tall
      this.#write(details, STYLES.fine, MARGIN)
      this.space(2.5)
      this.#rule(RULE, 0.4)
      this.space(2.5)
    }
    this.space(4)
  }

  /** Writes a line at the foot of every page, with its number. */
  foot(text: string): void {
    const { start, count } = this.#document.bufferedPageRange()
    for (let at = start; at < start + count; at++) {
      this.#document.switchToPage(at)
      this.#y = this.#bottom + 18
      this.#rule(RULE, 0.4)
      const y = this.#y + 6
      const number = `Page ${at + 1} of ${count}`
      this.#text.draw(text, STYLES.small, { x: MARGIN, y })
      const x = MARGIN + this.#width - this.#text.width(number, STYLES.small)
      this.#text.draw(number, STYLES.small, { x, y })
    }
  }

  #write(lines: readonly string[], style: TextStyle, x: number): void {
    const height = this.#text.height(1, style)
    for (const line of lines) {
      this.keepTogether(height)
      this.#text.draw(line, style, { x, y: this.#y })
      this.#y += height
    }
  }

  #rule(color: string, thickness: number): void {
    this.#document
      .moveTo(MARGIN, this.#y)
      .lineTo(MARGIN + this.#width, this.#y)
      .lineWidth(thickness)
      .stroke(color)
  }

  #widthsOf(columns: readonly Column[]): number[] {
    const whole = columns.reduce((sum, { share }) => sum + share, 0)
    return columns.map(({ share }) => (share / whole) * this.#width)
  }

  #head(columns: readonly Column[], widths: readonly number[]): void {
    const titles = columns.map(({ title }) => [title])
    const plain = columns.map((column) => ({ ...column, style: STYLES.label }))
    this.#cells(titles, { columns: plain, widths })
    this.#y += this.#text.height(1, STYLES.label) + 2
    this.#rule(MUTED, 0.6)
    this.space(3)
  }

  #cells(
    cells: readonly (readonly string[])[],
    table: { readonly columns: readonly Column[]; readonly widths: readonly number[] },
  ): void {
    let x = MARGIN
    for (const [at, lines] of cells.entries()) {
      const { style = STYLES.cell } = table.columns[at] ?? {}
      for (const [line, text] of lines.entries()) {
        const y = this.#y + this.#text.height(line, style)
        this.#text.draw(text, style, { x, y })
      }
      x += table.widths[at] ?? 0
    }
  }
}

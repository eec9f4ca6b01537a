import Papa from 'papaparse'

/** The beginning of a table. */
export interface TablePart {
  /** Names of the columns; null when the first row holds none. */
  readonly heading: readonly string[] | null
  readonly rows: readonly (readonly string[])[]
  /** Columns that are shown. */
  readonly columns: number
  /** Columns there are. */
  readonly allColumns: number
  /** Whether a column holds nothing but numbers. */
  readonly isNumber: readonly boolean[]
  /** Whether the text goes on after the rows. */
  readonly hasMoreRows: boolean
}

export const MAX_ROWS = 200
export const MAX_COLUMNS = 50
const MAX_CELL_CHARACTERS = 200
const SEPARATORS = [',', ';', '\t', '|']
const NUMBER = /^\s*[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?\s*$/i

/**
 * Reads the first rows of a table of text (RFC 4180 and its kin); what separates the fields is found out.
 *
 * @param isWhole - whether the text is all of it; otherwise its last row may be cut and is left out.
 */
export function parseTable(text: string, isWhole: boolean): TablePart {
  const { data, meta } = Papa.parse<string[]>(text, {
    delimitersToGuess: SEPARATORS,
    // One more than is shown, and the row that the end of the text may have cut.
    preview: MAX_ROWS + 2,
    skipEmptyLines: 'greedy',
  })
  const isCut = !isWhole && !meta.truncated
  const complete = isCut ? data.slice(0, -1) : data
  const [first] = complete
  const isHeading = first !== undefined && first.every((cell) => !NUMBER.test(cell))
  const rows = isHeading ? complete.slice(1) : complete
  const shown = rows.slice(0, MAX_ROWS)
  const width = shown.reduce((most, row) => Math.max(most, row.length), first?.length ?? 0)
  const columns = Math.min(width, MAX_COLUMNS)
  return {
    heading: isHeading ? cut(first, columns) : null,
    rows: shown.map((row) => cut(row, columns)),
    columns,
    allColumns: width,
    isNumber: Array.from({ length: columns }, (_, column) =>
      shown.every((row) => NUMBER.test(row[column] ?? '') || (row[column] ?? '') === ''),
    ),
    hasMoreRows: !isWhole || rows.length > shown.length || meta.truncated,
  }
}

function cut(row: readonly string[], columns: number): string[] {
  return row
    .slice(0, columns)
    .map((cell) =>
      cell.length > MAX_CELL_CHARACTERS ? `${cell.slice(0, MAX_CELL_CHARACTERS)} …` : cell,
    )
}

export type CsvCell = string | number | boolean | null

/** Programs for tables run a cell that begins like this as a formula; names on the ledger are written by strangers. */
const LOOKS_LIKE_FORMULA = /^[=+\-@\t\r]/

function csvCell(value: CsvCell): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = LOOKS_LIKE_FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * Rows as comma-separated values (RFC 4180), with a byte order mark so that spreadsheets read them as UTF-8. Text that a spreadsheet
 * would take for a formula is marked as text.
 */
export function formatCsv(
  header: readonly string[],
  rows: readonly (readonly CsvCell[])[],
): string {
  const lines = [header, ...rows].map((row) => row.map(csvCell).join(','))
  return `\uFEFF${lines.join('\r\n')}\r\n`
}

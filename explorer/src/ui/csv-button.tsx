import { useState } from 'react'
import { formatCsv } from '../format/csv.ts'
import { useText } from '../i18n/text.tsx'
import type { Column } from './data-table.tsx'
import { saveFile } from './save-file.ts'
import { useFormat } from './use-format.ts'

/** Rows that one file has at most. */
export const MAX_EXPORTED_ROWS = 10_000

interface CsvButtonProps<Row> {
  /** Of the file, without its ending. */
  name: string
  columns: readonly Column<Row>[]
  /** Every row that fits the page's filters, up to {@link MAX_EXPORTED_ROWS}. */
  readRows: () => Promise<{ items: Row[]; isCut: boolean }>
}

/** Writes a table, with all the rows that its filters leave, to a CSV file. */
export function CsvButton<Row>({ name, columns, readRows }: CsvButtonProps<Row>) {
  const { t } = useText()
  const format = useFormat()
  const [isBusy, setBusy] = useState(false)
  const [note, setNote] = useState<string | null>(null)
  const write = async () => {
    setBusy(true)
    setNote(null)
    try {
      const { items, isCut } = await readRows()
      saveFile(`${name}.csv`, 'text/csv;charset=utf-8', csvOf(columns, items))
      if (isCut) setNote(t('common.exportCut', { limit: MAX_EXPORTED_ROWS }))
    } catch (error) {
      setNote(
        t('common.exportFailed', {
          reason: error instanceof Error ? error.message : String(error),
        }),
      )
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {note !== null && <span role="status">{note}</span>}
      <button
        type="button"
        className="button"
        disabled={isBusy}
        title={t('common.exportHint', { limit: format.count(MAX_EXPORTED_ROWS) })}
        onClick={() => void write()}
      >
        {isBusy ? t('common.exporting') : t('common.export')}
      </button>
    </>
  )
}

function csvOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const written = columns.flatMap(({ key, csv }) => (csv === undefined ? [] : [{ key, csv }]))
  return formatCsv(
    written.map(({ key }) => key),
    rows.map((row) => written.map(({ csv }) => csv(row))),
  )
}

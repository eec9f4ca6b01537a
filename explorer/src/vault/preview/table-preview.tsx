import { useMemo } from 'react'
import { usePreviewText } from './i18n/preview-text.ts'
import type { TextEncoding } from './kind-of.ts'
import { parseTable, type TablePart } from './parse-table.ts'
import type { KindProps } from './kind-props.ts'
import { TextNotes, useEncodingName, useShownText } from './text-preview.tsx'

/** The first rows of a table. */
export function TablePreview({ name, reading, encoding }: KindProps & { encoding: TextEncoding }) {
  const { t } = usePreviewText()
  const { text, isWhole, notes } = useShownText(reading, encoding)
  const table = useMemo(() => parseTable(text, isWhole), [text, isWhole])
  const kind = useEncodingName(encoding)
  const size = { kind, rows: table.rows.length, columns: table.allColumns }
  return (
    <>
      <p className="quiet">
        {t(table.hasMoreRows ? 'table.part' : 'table.whole', size)}
        {table.allColumns > table.columns && ` ${t('table.moreColumns', { count: table.columns })}`}
      </p>
      <TextNotes notes={notes} />
      {table.rows.length === 0 && table.heading === null ? (
        <p className="empty">{t('table.empty')}</p>
      ) : (
        <Rows label={t('table.label', { name })} table={table} />
      )}
    </>
  )
}

function Rows({ label, table }: { label: string; table: TablePart }) {
  const { t } = usePreviewText()
  const columns = Array.from({ length: table.columns }, (_, index) => ({
    heading: table.heading?.[index] ?? t('table.column', { number: index + 1 }),
    className: table.isNumber[index] === true ? 'number' : undefined,
  }))
  return (
    <div className="preview-table" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ heading, className }, index) => (
              <th key={index} scope="col" className={className}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {columns.map(({ className }, column) => (
                <td key={column} className={className}>
                  {row[column]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

import { ListTable } from '../ui/list-table.tsx'
import { PageHead } from '../ui/page.tsx'
import { receiptKey, useReceiptColumns } from '../columns/receipt-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { RecordFilters } from '../ui/record-filters.tsx'
import { RECORD_FILTERS, questionOf } from '../ui/record-question.ts'
import { Empty } from '../ui/states.tsx'
import { useFilters } from '../ui/use-filters.ts'

const COLUMNS = [
  'time',
  'object',
  'strip',
  'ship',
  'node',
  'class',
  'level',
  'size',
  'state',
  'score',
  'transaction',
] as const

/** Every storage record, filtered as its reader likes. */
export function RecordsPage() {
  const { t } = useText()
  const filters = useFilters(RECORD_FILTERS)
  const columns = useReceiptColumns(COLUMNS)
  return (
    <>
      <PageHead title={t('receipts.title')} lead={t('receipts.lead')} />
      <RecordFilters filters={filters} />
      <ListTable
        route="receipts"
        question={questionOf(filters.values)}
        caption={t('receipts.caption')}
        columns={columns}
        keyOf={receiptKey}
        empty={
          filters.isFiltered ? (
            <Empty
              action={
                <button type="button" className="button" onClick={filters.clear}>
                  {t('common.clear')}
                </button>
              }
            >
              {t('receipts.empty')}
            </Empty>
          ) : (
            <Empty>{t('receipts.emptyAll')}</Empty>
          )
        }
        fileName="orlop-records"
      />
    </>
  )
}

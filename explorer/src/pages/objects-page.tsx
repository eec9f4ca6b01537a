import { ListTable } from '../ui/list-table.tsx'
import { PageHead } from '../ui/page.tsx'
import { objectKey, useObjectColumns } from '../columns/object-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { RecordFilters } from '../ui/record-filters.tsx'
import { RECORD_FILTERS, questionOf } from '../ui/record-question.ts'
import { Empty } from '../ui/states.tsx'
import { useFilters } from '../ui/use-filters.ts'

/** Every object, filtered as its reader likes. */
export function ObjectsPage() {
  const { t } = useText()
  const filters = useFilters(RECORD_FILTERS)
  const columns = useObjectColumns({ hasShip: true })
  return (
    <>
      <PageHead title={t('objects.title')} lead={t('objects.lead')} />
      <RecordFilters filters={filters} />
      <ListTable
        route="objects"
        question={questionOf(filters.values)}
        caption={t('objects.caption')}
        columns={columns}
        keyOf={objectKey}
        empty={
          filters.isFiltered ? (
            <Empty
              action={
                <button type="button" className="button" onClick={filters.clear}>
                  {t('common.clear')}
                </button>
              }
            >
              {t('objects.empty')}
            </Empty>
          ) : (
            <Empty>{t('objects.emptyAll')}</Empty>
          )
        }
        fileName="orlop-objects"
      />
    </>
  )
}

import { ListTable } from '../ui/list-table.tsx'
import { PageHead } from '../ui/page.tsx'
import { objectKey, useObjectColumns } from '../columns/object-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { RecordFilters, RECORD_FILTERS, questionOf } from '../ui/record-filters.tsx'
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
        empty={t(filters.isFiltered ? 'objects.empty' : 'objects.emptyAll')}
        fileName="orlop-objects"
      />
    </>
  )
}

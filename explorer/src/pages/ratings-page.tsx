import { ratingKey, useRatingColumns } from '../columns/rating-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { ListTable } from '../ui/list-table.tsx'
import { PageHead } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'

const EVERYTHING = {}

/** What ships said of nodes. */
export function RatingsPage() {
  const { t } = useText()
  const columns = useRatingColumns({ hasNode: true })
  return (
    <>
      <PageHead title={t('ratings.title')} lead={t('ratings.lead')} />
      <ListTable
        route="ratings"
        question={EVERYTHING}
        caption={t('ratings.caption')}
        columns={columns}
        keyOf={ratingKey}
        empty={<Empty>{t('ratings.empty')}</Empty>}
        fileName="orlop-ratings"
      />
    </>
  )
}

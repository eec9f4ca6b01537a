import { ratingKind } from '@orlop/protocol/api/ratings'
import { ratingKey, useRatingColumns } from '../columns/rating-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { Field } from '../ui/field.tsx'
import { FilterForm } from '../ui/filter-form.tsx'
import { ListTable } from '../ui/list-table.tsx'
import { PageHead } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { useFilters } from '../ui/use-filters.ts'

const FILTERS = ['clientId', 'nodeId', 'kind', 'isCounted'] as const
/** What the gateway takes for a number of a ship or node. */
const WHOLE_ID = /^[1-9]\d{0,8}$/

/** What ships said of nodes, counted or not, and what was done about it. */
export function RatingsPage() {
  const { t } = useText()
  const filters = useFilters(FILTERS)
  const columns = useRatingColumns({ hasNode: true })
  const { values, isFiltered } = filters
  const idOf = (text: string) => (WHOLE_ID.test(text) ? text : undefined)
  const query = { ...values, clientId: idOf(values.clientId), nodeId: idOf(values.nodeId) }
  return (
    <>
      <PageHead title={t('ratings.title')} lead={t('ratings.lead')} />
      <RatingFilters filters={filters} />
      <ListTable
        route="ratings"
        question={{ query }}
        caption={t('ratings.caption')}
        columns={columns}
        keyOf={ratingKey}
        empty={<Empty>{t(isFiltered ? 'ratings.empty' : 'ratings.emptyAll')}</Empty>}
        fileName="orlop-ratings"
      />
    </>
  )
}

function RatingFilters({
  filters,
}: {
  filters: ReturnType<typeof useFilters<(typeof FILTERS)[number]>>
}) {
  const { t } = useText()
  const { values, set } = filters
  const number = (name: 'clientId' | 'nodeId') => (
    <input
      type="number"
      min={1}
      max={999_999_999}
      inputMode="numeric"
      value={values[name]}
      onChange={({ target }) => set(name, target.value)}
    />
  )
  return (
    <FilterForm filters={filters}>
      <Field label={t('receipts.clientId')} size="short">
        {number('clientId')}
      </Field>
      <Field label={t('receipts.nodeId')} size="short">
        {number('nodeId')}
      </Field>
      <Field label={t('ratings.event')}>
        <select value={values.kind} onChange={({ target }) => set('kind', target.value)}>
          <option value="">{t('common.all')}</option>
          {ratingKind.options.map((kind) => (
            <option key={kind} value={kind}>
              {t(`ratings.${kind}`)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('ratings.counted')}>
        <select value={values.isCounted} onChange={({ target }) => set('isCounted', target.value)}>
          <option value="">{t('common.all')}</option>
          <option value="true">{t('ratings.countedYes')}</option>
          <option value="false">{t('ratings.countedNo')}</option>
        </select>
      </Field>
    </FilterForm>
  )
}

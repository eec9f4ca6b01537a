import { useText } from '../i18n/text.tsx'
import { Field } from './field.tsx'
import type { SortOrder } from './sort-rows.ts'

interface SortSelectProps {
  /** Of the table; those without `sortBy` do not sort. */
  columns: readonly { key: string; header: string; sortBy?: unknown }[]
  order: SortOrder | null
  onSort: (order: SortOrder | null) => void
}

/** Sorts cards, which have no head to press. */
export function SortSelect({ columns, order, onSort }: SortSelectProps) {
  const { t } = useText()
  const orders = columns
    .filter(({ sortBy }) => sortBy !== undefined)
    .flatMap(({ key, header }) => [
      { key, isDescending: true, name: t('common.sortDown', { column: header }) },
      { key, isDescending: false, name: t('common.sortUp', { column: header }) },
    ])
  const idOf = ({ key, isDescending }: SortOrder) => `${key} ${String(isDescending)}`
  const choose = (id: string) => onSort(orders.find((each) => idOf(each) === id) ?? null)
  return (
    <Field label={t('common.sort')}>
      <select
        value={order === null ? '' : idOf(order)}
        onChange={({ target }) => choose(target.value)}
      >
        <option value="">{t('common.sortNone')}</option>
        {orders.map((each) => (
          <option key={idOf(each)} value={idOf(each)}>
            {each.name}
          </option>
        ))}
      </select>
    </Field>
  )
}

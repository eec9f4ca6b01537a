import { TRANSACTION_KINDS } from '@orlop/protocol/api/transactions'
import { transactionKey, useTransactionColumns } from '../columns/transaction-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { Field } from '../ui/field.tsx'
import { FilterForm } from '../ui/filter-form.tsx'
import { ListTable } from '../ui/list-table.tsx'
import { PageHead } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { useFilters } from '../ui/use-filters.ts'

/** Every transaction that changed Orlop's contracts. */
export function TransactionsPage() {
  const { t } = useText()
  const filters = useFilters(['kind', 'heartbeats'])
  const columns = useTransactionColumns()
  const { values, set, isFiltered } = filters
  return (
    <>
      <PageHead title={t('transactions.title')} lead={t('transactions.lead')} />
      <FilterForm filters={filters}>
        <Field label={t('transactions.kind')}>
          <select value={values.kind} onChange={({ target }) => set('kind', target.value)}>
            <option value="">{t('common.all')}</option>
            {TRANSACTION_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {t(`kind.${kind}`)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('transactions.heartbeats')}>
          <select
            value={values.heartbeats}
            onChange={({ target }) => set('heartbeats', target.value)}
          >
            <option value="">{t('transactions.heartbeatsHidden')}</option>
            <option value="true">{t('transactions.heartbeatsShown')}</option>
          </select>
        </Field>
      </FilterForm>
      <ListTable
        route="transactions"
        question={{ query: values }}
        caption={t('transactions.caption')}
        columns={columns}
        keyOf={transactionKey}
        empty={<Empty>{t(isFiltered ? 'transactions.empty' : 'transactions.emptyAll')}</Empty>}
        fileName="orlop-transactions"
      />
    </>
  )
}

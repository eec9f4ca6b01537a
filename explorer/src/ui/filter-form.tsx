import type { ReactNode } from 'react'
import { useText } from '../i18n/text.tsx'

interface FilterFormProps {
  filters: { clear: () => void; isFiltered: boolean }
  children: ReactNode
}

/** Filters of a list, with a way back to none. */
export function FilterForm({ filters, children }: FilterFormProps) {
  const { t } = useText()
  return (
    <form
      className="filters"
      aria-label={t('common.filters')}
      onSubmit={(event) => event.preventDefault()}
    >
      {children}
      {filters.isFiltered && (
        <button type="button" className="button" onClick={filters.clear}>
          {t('common.clear')}
        </button>
      )}
    </form>
  )
}

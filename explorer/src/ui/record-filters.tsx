import type { Question } from '../api/ask.ts'
import { KNOWN_CLASS_CODES } from '../format/code-names.ts'
import { useText } from '../i18n/text.tsx'
import { Field } from './field.tsx'
import { readUtcMinute } from './utc-minute.ts'
import type { useFilters } from './use-filters.ts'
import { useFormat } from './use-format.ts'

export const RECORD_FILTERS = [
  'clientId',
  'nodeId',
  'classCode',
  'level',
  'from',
  'to',
  'objectId',
] as const
type RecordFilter = (typeof RECORD_FILTERS)[number]

const LEVELS = [1, 2] as const

/** What to ask the gateway for these filters: records and objects take the same. */
export function questionOf(values: Record<RecordFilter, string>): Question {
  const { from, to, ...query } = values
  return {
    query: {
      ...query,
      fromMs: readUtcMinute(from) ?? undefined,
      toMs: readUtcMinute(to) ?? undefined,
    },
  }
}

interface RecordFiltersProps {
  filters: ReturnType<typeof useFilters<RecordFilter>>
}

/** Filters of records and objects. */
export function RecordFilters({ filters }: RecordFiltersProps) {
  const { t } = useText()
  const { values, set, clear, isFiltered } = filters
  const text = (name: RecordFilter, type: string) => (
    <input
      type={type}
      value={values[name]}
      onChange={({ target }) => set(name, target.value)}
      {...(type === 'number' ? { min: 1, max: 0xffff_ffff, inputMode: 'numeric' } : {})}
    />
  )
  return (
    <form
      className="filters"
      aria-label={t('common.filters')}
      onSubmit={(event) => event.preventDefault()}
    >
      <Field label={t('receipts.clientId')} size="short">
        {text('clientId', 'number')}
      </Field>
      <Field label={t('receipts.nodeId')} size="short">
        {text('nodeId', 'number')}
      </Field>
      <ClassAndLevel filters={filters} />
      <Field label={t('receipts.fromTime')}>{text('from', 'datetime-local')}</Field>
      <Field label={t('receipts.toTime')}>{text('to', 'datetime-local')}</Field>
      <Field label={t('common.object')} size="wide">
        {text('objectId', 'search')}
      </Field>
      {isFiltered && (
        <button type="button" className="button" onClick={clear}>
          {t('common.clear')}
        </button>
      )}
    </form>
  )
}

function ClassAndLevel({ filters: { values, set } }: RecordFiltersProps) {
  const { t } = useText()
  const { className } = useFormat()
  return (
    <>
      <Field label={t('receipts.class')}>
        <select value={values.classCode} onChange={({ target }) => set('classCode', target.value)}>
          <option value="">{t('common.all')}</option>
          {KNOWN_CLASS_CODES.map((code) => (
            <option key={code} value={code}>
              {className(code)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('receipts.level')}>
        <select value={values.level} onChange={({ target }) => set('level', target.value)}>
          <option value="">{t('common.all')}</option>
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
      </Field>
    </>
  )
}

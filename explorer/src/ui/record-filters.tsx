import { useId } from 'react'
import { KNOWN_CLASS_CODES } from '../format/code-names.ts'
import { useText } from '../i18n/text.tsx'
import { Field } from './field.tsx'
import {
  isHalfTyped,
  TYPED_FILTERS,
  type RecordFilter,
  type TypedFilter,
} from './record-question.ts'
import type { useFilters } from './use-filters.ts'
import { useFormat } from './use-format.ts'

const LEVELS = [1, 2, 3] as const

interface RecordFiltersProps {
  filters: ReturnType<typeof useFilters<RecordFilter>>
}

/** Filters of records and objects. */
export function RecordFilters({ filters }: RecordFiltersProps) {
  const { t } = useText()
  const { values, set, clear, isFiltered } = filters
  const hint = useId()
  const time = (name: 'from' | 'to') => (
    <input
      type="datetime-local"
      value={values[name]}
      onChange={({ target }) => set(name, target.value)}
    />
  )
  const typed = (name: TypedFilter) => <TypedInput name={name} filters={filters} hint={hint} />
  const isAnyHalf = TYPED_FILTERS.some((name) => isHalfTyped(name, values))
  return (
    <form
      className="filters"
      aria-label={t('common.filters')}
      onSubmit={(event) => event.preventDefault()}
    >
      <Field label={t('receipts.clientId')} size="short">
        {typed('clientId')}
      </Field>
      <Field label={t('receipts.nodeId')} size="short">
        {typed('nodeId')}
      </Field>
      <ClassAndLevel filters={filters} />
      <Field label={t('receipts.fromTime')}>{time('from')}</Field>
      <Field label={t('receipts.toTime')}>{time('to')}</Field>
      <Field label={t('common.object')} size="wide">
        {typed('objectId')}
      </Field>
      {isFiltered && (
        <button type="button" className="button" onClick={clear}>
          {t('common.clear')}
        </button>
      )}
      {isAnyHalf && (
        <p className="field-hint" id={hint} role="status">
          {t('receipts.notFilter')}
        </p>
      )}
    </form>
  )
}

/** A text that filters once it is whole. @param hint - id of what says so. */
function TypedInput(props: RecordFiltersProps & { name: TypedFilter; hint: string }) {
  const { t } = useText()
  const { name, hint, filters } = props
  const { values, set } = filters
  const isHalf = isHalfTyped(name, values)
  const isObject = name === 'objectId'
  return (
    <input
      type="search"
      autoComplete="off"
      spellCheck={false}
      maxLength={64}
      inputMode={isObject ? 'text' : 'numeric'}
      placeholder={isObject ? t('receipts.objectHint') : undefined}
      aria-invalid={isHalf}
      aria-describedby={isHalf ? hint : undefined}
      value={values[name]}
      onChange={({ target }) => set(name, target.value)}
    />
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

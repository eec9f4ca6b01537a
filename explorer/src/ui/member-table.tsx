import { useText } from '../i18n/text.tsx'
import type { State } from './badge.tsx'
import { CsvButton } from './csv-button.tsx'
import { DataTable, type Column } from './data-table.tsx'
import { Field } from './field.tsx'
import { Answer, Empty, type Asked } from './states.tsx'
import { useFilters } from './use-filters.ts'
import { Waiting } from './waiting.tsx'

const SHAPES = ['table'] as const

interface MemberTableProps<Row> {
  members: Asked<{ items: Row[]; isCut: boolean }>
  columns: readonly Column<Row>[]
  caption: string
  keyOf: (row: Row) => string
  /** What the text filter looks at. */
  textOf: (row: Row) => string
  states: readonly State[]
  texts: { filter: string; empty: string; emptyFilter: string }
  /** Of the exported file, without its ending. */
  fileName: string
}

const FILTERS = ['text', 'state'] as const

/** The registry's nodes or ships: loaded whole, sorted and filtered in the page. */
export function MemberTable<Row extends { state: State }>(props: MemberTableProps<Row>) {
  const { t } = useText()
  const { values, clear } = useFilters(FILTERS)
  const wanted = values.text.trim().toLocaleLowerCase()
  const fits = (row: Row) =>
    (values.state === '' || row.state === values.state) &&
    props.textOf(row).toLocaleLowerCase().includes(wanted)
  return (
    <Answer of={props.members} waiting={<Waiting shapes={SHAPES} />}>
      {({ items, isCut }) => {
        if (items.length === 0) return <Empty>{props.texts.empty}</Empty>
        const rows = items.filter(fits)
        return (
          <div className="panel">
            <MemberFilters label={props.texts.filter} states={props.states} />
            {rows.length === 0 ? (
              <Empty
                action={
                  <button type="button" className="button" onClick={clear}>
                    {t('common.clear')}
                  </button>
                }
              >
                {props.texts.emptyFilter}
              </Empty>
            ) : (
              <DataTable
                caption={props.caption}
                columns={props.columns}
                rows={rows}
                keyOf={props.keyOf}
                startKey={`${values.state} ${wanted}`}
                actions={
                  <CsvButton
                    name={props.fileName}
                    columns={props.columns}
                    readRows={() => Promise.resolve({ items: rows, isCut })}
                  />
                }
              />
            )}
          </div>
        )
      }}
    </Answer>
  )
}

function MemberFilters({ label, states }: { label: string; states: readonly State[] }) {
  const { t } = useText()
  const { values, set } = useFilters(FILTERS)
  return (
    <form
      className="filters"
      aria-label={t('common.filters')}
      onSubmit={(event) => event.preventDefault()}
    >
      <Field label={label}>
        <input
          type="search"
          value={values.text}
          onChange={({ target }) => set('text', target.value)}
        />
      </Field>
      <Field label={t('common.state')}>
        <select value={values.state} onChange={({ target }) => set('state', target.value)}>
          <option value="">{t('common.all')}</option>
          {states.map((state) => (
            <option key={state} value={state}>
              {t(`state.${state}`)}
            </option>
          ))}
        </select>
      </Field>
    </form>
  )
}

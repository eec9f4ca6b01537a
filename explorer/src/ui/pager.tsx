import { useText } from '../i18n/text.tsx'

/** More rows than are loaded, and how to get them. */
export interface More {
  isLoading: boolean
  load: () => void
}

export interface PagerProps {
  /** From 0; those of the page shown. */
  first: number
  shown: number
  /** Rows that are loaded. */
  loaded: number
  more: More | null
  onTurn: (step: 1 | -1) => void
}

/** Says which rows are shown and turns to others; only what there is to turn to has buttons. */
export function Pager({ first, shown, loaded, more, onTurn }: PagerProps) {
  const { t } = useText()
  const isFirst = first === 0
  const isLast = first + shown >= loaded && more === null
  if (isFirst && isLast) return <span role="status">{t('common.shown', { count: loaded })}</span>
  const range = { first: first + 1, last: first + shown, count: loaded }
  return (
    <div className="pager">
      <span role="status">{t(more === null ? 'common.rows' : 'common.rowsOfMore', range)}</span>
      <TurnButton label={t('common.previous')} isOff={isFirst} onTurn={() => onTurn(-1)} />
      <TurnButton
        label={more?.isLoading === true ? t('common.loadingMore') : t('common.next')}
        isOff={isLast || more?.isLoading === true}
        onTurn={() => onTurn(1)}
      />
    </div>
  )
}

/** Stays in the order of focus when it is off: who turns pages by keyboard would lose their place. */
function TurnButton(props: { label: string; isOff: boolean; onTurn: () => void }) {
  return (
    <button
      type="button"
      className="button"
      aria-disabled={props.isOff}
      onClick={() => {
        if (!props.isOff) props.onTurn()
      }}
    >
      {props.label}
    </button>
  )
}

import type { ReactNode } from 'react'
import { ApiFailure } from '../api/problem.ts'
import { useText } from '../i18n/text.tsx'
import { Coded } from './coded.tsx'
import { Skeleton } from './waiting.tsx'

/** Lines where an answer will be. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const { t } = useText()
  return (
    <div role="status">
      <span className="visually-hidden">{t('common.loading')}</span>
      <Skeleton shape="lines" parts={lines} />
    </div>
  )
}

/**
 * A list with nothing in it, why, and what to do next.
 *
 * @param action - a link or button that does it.
 */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{typeof children === 'string' ? <Coded text={children} /> : children}</p>
      {action}
    </div>
  )
}

function useReason(error: unknown): { text: string; hint: string | null; code: string | null } {
  const { t } = useText()
  if (!(error instanceof ApiFailure)) {
    return { text: t('problem.crashed'), hint: null, code: null }
  }
  switch (error.kind) {
    case 'network':
      return { text: t('problem.network'), hint: t('problem.networkHint'), code: null }
    case 'shape':
      return { text: t('problem.shape'), hint: t('problem.shapeHint'), code: null }
    case 'refused':
    case 'not-found':
      return { text: error.message, hint: null, code: error.code }
  }
}

/** A failed question with the way to ask it again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useText()
  const { text, hint, code } = useReason(error)
  return (
    <div className="notice" data-tone="bad" role="alert">
      <strong>{t('problem.title')}</strong>
      <p>{text}</p>
      {hint !== null && <p className="quiet">{hint}</p>}
      {code !== null && <p className="quiet mono">{t('problem.code', { code })}</p>}
      <button type="button" className="button" onClick={onRetry}>
        {t('common.retry')}
      </button>
    </div>
  )
}

/** What {@link Answer} needs of a query. */
export interface Asked<T> {
  data: T | undefined
  error: unknown
  refetch: () => unknown
}

interface AnswerProps<T> {
  of: Asked<T>
  children: (data: T) => ReactNode
  /** What to say instead of a problem when the ledger has no such thing. */
  notFound?: string
  /** Where to go on from there. */
  ways?: ReactNode
  lines?: number
  /** Stands in the place of the answer until it comes; {@link Loading} unless given. */
  waiting?: ReactNode
}

/** Shows an answer, the wait for it, or why it is not there. A failed refresh keeps what was shown and says so above it. */
export function Answer<T>(props: AnswerProps<T>) {
  const { data, error, refetch } = props.of
  if (error instanceof ApiFailure && error.kind === 'not-found' && props.notFound !== undefined) {
    return <NotThere text={props.notFound} ways={props.ways} />
  }
  const isWaiting = data === undefined && (error === null || error === undefined)
  return (
    <>
      {error !== null && error !== undefined && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && props.children(data)}
      {isWaiting &&
        (props.waiting ?? (
          <Loading {...(props.lines === undefined ? {} : { lines: props.lines })} />
        ))}
    </>
  )
}

function NotThere({ text, ways }: { text: string; ways: ReactNode }) {
  const { t } = useText()
  return (
    <div className="notice" role="alert">
      <strong>{t('problem.notFound')}</strong>
      <p>{text}</p>
      <p className="quiet">{t('problem.notFoundHint')}</p>
      {ways !== undefined && <div className="ways">{ways}</div>}
    </div>
  )
}

import { useAnswer } from '../api/use-answer.ts'
import { useLive } from '../api/live.tsx'
import { useText } from '../i18n/text.tsx'

/** Says when what the pages show is not the ledger's newest state. */
export function Standing() {
  const { t } = useText()
  const { hasRolledBack } = useLive()
  const { data } = useAnswer('health')
  const indexed = data?.progress.indexed?.blockNumber ?? 0
  if (data?.status === 'behind') {
    const head = data.progress.head?.blockNumber ?? indexed
    return (
      <Notice>{`${t('problem.behindTitle')}. ${t('problem.behind', { indexed, head })}`}</Notice>
    )
  }
  if (data?.status === 'ledger-unreachable' || data?.status === 'ledger-mismatch') {
    return <Notice>{data.detail ?? t('problem.ledgerAway', { indexed })}</Notice>
  }
  return hasRolledBack ? <Notice>{t('problem.rolledBack')}</Notice> : null
}

function Notice({ children }: { children: string }) {
  return (
    <div className="notice" data-tone="warn" role="status">
      {children}
    </div>
  )
}

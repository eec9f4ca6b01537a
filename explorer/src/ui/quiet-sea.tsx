import { useText } from '../i18n/text.tsx'
import { Copyable } from './copyable.tsx'

const COMMAND = './orlop put noon-report.pdf'

/** A ledger with nothing on it yet, and how to put the first thing there. */
export function QuietSea() {
  const { t } = useText()
  return (
    <div className="quiet-sea">
      <svg
        width="160"
        height="40"
        viewBox="0 0 160 40"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <path d="M4 12h152" />
        <path d="M28 22h104" opacity="0.6" />
        <path d="M56 32h48" opacity="0.35" />
      </svg>
      <h2>{t('overview.emptyTitle')}</h2>
      <p>{t('overview.emptyText')}</p>
      <Copyable value={COMMAND} label={t('overview.command')}>
        <code>{COMMAND}</code>
      </Copyable>
    </div>
  )
}

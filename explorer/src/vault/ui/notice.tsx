import { createContext, use, useMemo, useState, type ReactNode } from 'react'
import { useVaultText } from '../i18n/vault-text.ts'

interface NoticeValue {
  readonly text: string | null
  /** Null to take it away. */
  readonly tell: (text: string | null) => void
}

const NoticeContext = createContext<NoticeValue | null>(null)

/** Keeps what the next page is to say of the one before. Not in the address, and not in the browser's history: it has names in it. */
export function NoticeProvider({ children }: { children: ReactNode }) {
  const [text, tell] = useState<string | null>(null)
  const value = useMemo(() => ({ text, tell }), [text])
  return <NoticeContext value={value}>{children}</NoticeContext>
}

/** @throws Error outside of {@link NoticeProvider}. */
export function useNotice(): NoticeValue {
  const value = use(NoticeContext)
  if (value === null) throw new Error('useNotice: expected a NoticeProvider above')
  return value
}

/** What the page before left to be said. */
export function Notice() {
  const { t } = useVaultText()
  const { text, tell } = useNotice()
  if (text === null) return null
  return (
    <div className="notice" data-tone="good" role="status">
      <p>{text}</p>
      <button type="button" className="button" onClick={() => tell(null)}>
        {t('problem.dismiss')}
      </button>
    </div>
  )
}

import { useEffect, useState, type ReactNode } from 'react'
import { useText } from '../i18n/text.tsx'

const SHOWN_MS = 1500

/** Text with a button beside it that copies the whole value. */
export function Copyable({
  value,
  label,
  children,
}: {
  value: string
  label: string
  children: ReactNode
}) {
  const { t } = useText()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = () => {
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  const title = isCopied ? t('common.copied') : t('common.copy', { what: label })
  return (
    <span className="copyable">
      {children}
      <button type="button" className="copy" onClick={copy} title={title} aria-label={title}>
        <svg
          width="14"
          height="14"
          viewBox="0 0 14 14"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
          aria-hidden="true"
        >
          {isCopied ? (
            <path d="M2.5 7.5 5.5 10.5 11.5 3.5" />
          ) : (
            <>
              <rect x="1.5" y="4" width="8" height="8.5" rx="1.5" />
              <path d="M4.5 2.2h6a1.5 1.5 0 0 1 1.5 1.5v6.3" />
            </>
          )}
        </svg>
      </button>
    </span>
  )
}

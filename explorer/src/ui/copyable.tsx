import { useEffect, useState, type ReactNode } from 'react'
import { useText } from '../i18n/text.tsx'

const SHOWN_MS = 1500

interface CopyButtonProps {
  value: string
  label: string
  /** Only for the pointer: where a link beside it leads to a page that offers the same to keyboards, which long tables would tire. */
  isPointerOnly?: boolean
}

/** Copies a value. Pages of an address that browsers do not trust may not copy, and have none. */
export function CopyButton({ value, label, isPointerOnly = false }: CopyButtonProps) {
  const { t } = useText()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  if (!isSecureContext) return null
  const copy = () => {
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  }
  const title = isCopied ? t('common.copied') : t('common.copy', { what: label })
  return (
    <button
      type="button"
      className="copy"
      onClick={copy}
      title={title}
      aria-label={title}
      {...(isPointerOnly ? { tabIndex: -1 } : {})}
    >
      <CopyMark isCopied={isCopied} />
    </button>
  )
}

function CopyMark({ isCopied }: { isCopied: boolean }) {
  return (
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
  )
}

/** Text with a button beside it that copies the whole value. */
export function Copyable(props: { value: string; label: string; children: ReactNode }) {
  return (
    <span className="copyable">
      {props.children}
      <CopyButton value={props.value} label={props.label} />
    </span>
  )
}

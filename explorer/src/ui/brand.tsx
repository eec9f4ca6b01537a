import { Link } from 'react-router'
import { useText } from '../i18n/text.tsx'

/** Orlop's mark and name, and which of its sites this is. */
export function Brand({ site }: { site: string }) {
  const { t } = useText()
  return (
    <Link className="brand" to="/">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <path d="M4 11h24" stroke="#6cc5d7" strokeWidth="2.6" strokeLinecap="round" />
        <path d="M6 16c.6 6 4.5 10 10 10s9.4-4 10-10z" fill="currentColor" />
      </svg>
      <span>
        {t('app.name')} <small>{site}</small>
      </span>
    </Link>
  )
}

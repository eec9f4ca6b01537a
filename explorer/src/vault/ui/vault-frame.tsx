import { useEffect, useRef, useState, type ReactNode } from 'react'
import { NavLink, useLocation } from 'react-router'
import { useText } from '../../i18n/text.tsx'
import { Brand } from '../../ui/brand.tsx'
import { ReaderSettings } from '../../ui/reader-settings.tsx'
import { useVaultText } from '../i18n/vault-text.ts'

const PAGES = [
  { path: '/', name: 'app.files' },
  { path: '/shared', name: 'app.shared' },
  { path: '/account', name: 'app.account' },
] as const

interface VaultFrameProps {
  /** Null while there is nothing to lock. */
  onLock: (() => void) | null
  /** Whether the vault is open, so that its pages can be gone to. */
  hasPages: boolean
}

/** What stands around every page. */
export function VaultFrame({ children, ...deck }: VaultFrameProps & { children: ReactNode }) {
  const { t } = useVaultText()
  const { t: common } = useText()
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    // A new page begins at its top, also for those who hear it.
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  const skip = () => main.current?.focus()
  return (
    <>
      {/* No link: the address after the # is the router's. */}
      <button type="button" className="skip" onClick={skip}>
        {common('app.skip')}
      </button>
      <VaultDeck key={pathname} {...deck} />
      <main id="content" ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer className="keel">
        <span>{t('app.footer')}</span>
      </footer>
    </>
  )
}

/** The bar at the top; begun anew on each page, so that an open menu closes. */
function VaultDeck({ onLock, hasPages }: VaultFrameProps) {
  const { t } = useVaultText()
  const [isOpen, setOpen] = useState(false)
  return (
    <header className="deck" data-open={isOpen}>
      <div className="deck-row">
        <Brand site={t('app.vault')} />
        <button
          type="button"
          className="menu-button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t(hasPages ? 'app.pages' : 'app.settings')}
        </button>
        <span className="deck-gap" />
        <ReaderSettings />
        {onLock !== null && (
          <button type="button" className="button deck-lock" onClick={onLock}>
            <LockMark />
            {t('app.lock')}
          </button>
        )}
      </div>
      {hasPages && (
        <nav className="deck-nav" aria-label={t('app.pages')}>
          {PAGES.map(({ path, name }) => (
            <NavLink key={path} to={path} end={path === '/'}>
              {t(name)}
            </NavLink>
          ))}
        </nav>
      )}
    </header>
  )
}

function LockMark() {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      aria-hidden="true"
    >
      <rect x="2.5" y="6" width="9" height="6.5" rx="1.2" />
      <path d="M4.5 6V4a2.5 2.5 0 0 1 5 0v2" />
    </svg>
  )
}

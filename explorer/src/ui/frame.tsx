import { useEffect, useRef, useState } from 'react'
import { Link, NavLink, Outlet, useLocation } from 'react-router'
import { useLive } from '../api/live.tsx'
import { LOCALES, type Locale } from '../i18n/locale.ts'
import { useText } from '../i18n/text.tsx'
import { SearchBox } from './search-box.tsx'
import { Standing } from './standing.tsx'
import { THEMES, useTheme, type Theme } from './theme.ts'
import { VaultLink } from './vault-link.tsx'

const PAGES = [
  { path: '/', name: 'nav.overview' },
  { path: '/records', name: 'nav.receipts' },
  { path: '/objects', name: 'nav.objects' },
  { path: '/nodes', name: 'nav.nodes' },
  { path: '/ships', name: 'nav.ships' },
  { path: '/ratings', name: 'nav.ratings' },
  { path: '/transactions', name: 'nav.transactions' },
  { path: '/intruder', name: 'nav.intruder' },
] as const

const THEME_NAMES = {
  system: 'app.themeSystem',
  light: 'app.themeLight',
  dark: 'app.themeDark',
} as const satisfies Record<Theme, string>

/** Each language by its own name: its readers look for that. */
const LOCALE_NAMES: Record<Locale, string> = { en: 'English', 'zh-CN': '中文' }

/** What stands around every page. */
export function Frame() {
  const { t } = useText()
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
  return (
    <>
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <Deck key={pathname} />
      <main id="content" ref={main} tabIndex={-1}>
        <Standing />
        <Outlet />
      </main>
      <footer className="keel">
        <span>{t('app.footer')}</span>
        <a href="/openapi.json">{t('app.apiDocument')}</a>
      </footer>
    </>
  )
}

/** The bar at the top; begun anew on each page, so that an open menu closes. */
function Deck() {
  const { t } = useText()
  const [isOpen, setOpen] = useState(false)
  const { isConnected, blockNumber } = useLive()
  return (
    <header className="deck" data-open={isOpen}>
      <div className="deck-row">
        <Brand />
        <button
          type="button"
          className="menu-button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t('app.menu')}
        </button>
        <SearchBox />
        <Settings />
      </div>
      <nav className="deck-nav" aria-label={t('app.menu')}>
        {PAGES.map(({ path, name }) => (
          <NavLink key={path} to={path} end={path === '/'}>
            {t(name)}
          </NavLink>
        ))}
        <VaultLink />
        <span className="standing">
          {blockNumber !== null && <span>{t('app.head', { block: blockNumber })}</span>}
          <span
            className="lamp"
            data-lost={!isConnected}
            title={t(isConnected ? 'app.liveTitle' : 'app.liveLostTitle')}
          >
            {t(isConnected ? 'app.live' : 'app.liveLost')}
          </span>
        </span>
      </nav>
    </header>
  )
}

function Brand() {
  const { t } = useText()
  return (
    <Link className="brand" to="/">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <path d="M4 11h24" stroke="#6cc5d7" strokeWidth="2.6" strokeLinecap="round" />
        <path d="M6 16c.6 6 4.5 10 10 10s9.4-4 10-10z" fill="currentColor" />
      </svg>
      <span>
        {t('app.name')} <small>{t('app.explorer')}</small>
      </span>
    </Link>
  )
}

function Settings() {
  const { t, locale, setLocale } = useText()
  const [theme, setTheme] = useTheme()
  return (
    <div className="deck-tools">
      <select
        aria-label={t('app.language')}
        value={locale}
        onChange={({ target }) => setLocale(LOCALES.find((each) => each === target.value) ?? 'en')}
      >
        {LOCALES.map((each) => (
          <option key={each} value={each} lang={each}>
            {LOCALE_NAMES[each]}
          </option>
        ))}
      </select>
      <select
        aria-label={t('app.theme')}
        value={theme}
        onChange={({ target }) =>
          setTheme(THEMES.find((each) => each === target.value) ?? 'system')
        }
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {t(THEME_NAMES[each])}
          </option>
        ))}
      </select>
    </div>
  )
}

import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { NavLink, Outlet, useLocation } from 'react-router'
import { useLive } from '../api/live.tsx'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.tsx'
import { Brand } from './brand.tsx'
import { ReaderSettings } from './reader-settings.tsx'
import { PrintNote } from './print-note.tsx'
import { SearchBox } from './search-box.tsx'
import { Standing } from './standing.tsx'
import { useFormat } from './use-format.ts'
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
        <PrintNote />
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
  const { data: health } = useAnswer('health')
  const { count } = useFormat()
  // Until the first block is announced: the one that the answers stand at.
  const block = blockNumber ?? health?.progress.indexed?.blockNumber ?? null
  const close = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setOpen(false)
  }
  return (
    <header className="deck" data-open={isOpen} onKeyDown={close}>
      <div className="deck-row">
        <Brand site={t('app.explorer')} />
        <button
          type="button"
          className="menu-button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t('app.menu')}
        </button>
        <SearchBox />
        <ReaderSettings />
      </div>
      <nav className="deck-nav" aria-label={t('app.menu')}>
        {PAGES.map(({ path, name }) => (
          <NavLink key={path} to={path} end={path === '/'}>
            {t(name)}
          </NavLink>
        ))}
        <VaultLink />
        <span className="standing">
          {block !== null && <span>{t('app.head', { block: count(block) })}</span>}
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

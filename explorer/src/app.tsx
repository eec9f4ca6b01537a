import { lazy, Suspense, type ComponentType } from 'react'
import { Outlet, Route, Routes, useLocation } from 'react-router'
import { useText } from './i18n/text.tsx'
import { OverviewPage } from './pages/overview-page.tsx'
import { CrashGuard } from './ui/crash-guard.tsx'
import { Frame } from './ui/frame.tsx'
import { Loading } from './ui/states.tsx'

/** A page that is loaded when it is first opened. */
function later(load: () => Promise<ComponentType>): ComponentType {
  return lazy(async () => ({ default: await load() }))
}

const RecordsPage = later(async () => (await import('./pages/records-page.tsx')).RecordsPage)
const ObjectsPage = later(async () => (await import('./pages/objects-page.tsx')).ObjectsPage)
const ObjectPage = later(async () => (await import('./pages/object-page.tsx')).ObjectPage)
const NodesPage = later(async () => (await import('./pages/nodes-page.tsx')).NodesPage)
const NodePage = later(async () => (await import('./pages/node-page.tsx')).NodePage)
const ShipsPage = later(async () => (await import('./pages/ships-page.tsx')).ShipsPage)
const ShipPage = later(async () => (await import('./pages/ship-page.tsx')).ShipPage)
const RatingsPage = later(async () => (await import('./pages/ratings-page.tsx')).RatingsPage)
const TransactionsPage = later(
  async () => (await import('./pages/transactions-page.tsx')).TransactionsPage,
)
const TransactionPage = later(
  async () => (await import('./pages/transaction-page.tsx')).TransactionPage,
)
const SearchPage = later(async () => (await import('./pages/search-page.tsx')).SearchPage)
const IntruderPage = later(async () => (await import('./pages/intruder-page.tsx')).IntruderPage)
const NotFoundPage = later(async () => (await import('./pages/not-found-page.tsx')).NotFoundPage)

/** Every page by its address. */
export function App() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route element={<Guarded />}>
          <Route index element={<OverviewPage />} />
          <Route path="records" element={<RecordsPage />} />
          <Route path="objects" element={<ObjectsPage />} />
          <Route path="objects/:clientId/:objectId" element={<ObjectPage />} />
          <Route path="nodes" element={<NodesPage />} />
          <Route path="nodes/:nodeId" element={<NodePage />} />
          <Route path="ships" element={<ShipsPage />} />
          <Route path="ships/:clientId" element={<ShipPage />} />
          <Route path="ratings" element={<RatingsPage />} />
          <Route path="transactions" element={<TransactionsPage />} />
          <Route path="transactions/:hash" element={<TransactionPage />} />
          <Route path="search" element={<SearchPage />} />
          <Route path="intruder" element={<IntruderPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Route>
    </Routes>
  )
}

function Guarded() {
  const { t } = useText()
  const { pathname } = useLocation()
  const crashed = (
    <div className="notice" data-tone="bad" role="alert">
      <strong>{t('problem.crashed')}</strong>
      <button type="button" className="button" onClick={() => location.reload()}>
        {t('problem.reload')}
      </button>
    </div>
  )
  return (
    <CrashGuard key={pathname} fallback={crashed}>
      <Suspense fallback={<Loading lines={9} />}>
        <Outlet />
      </Suspense>
    </CrashGuard>
  )
}

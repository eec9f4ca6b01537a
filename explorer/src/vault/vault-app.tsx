import type { ReactNode } from 'react'
import { Navigate, Route, Routes, useLocation } from 'react-router'
import { useText } from '../i18n/text.tsx'
import { CrashGuard } from '../ui/crash-guard.tsx'
import { AccountPage } from './pages/account-page.tsx'
import { FilePage } from './pages/file-page.tsx'
import { FilesPage } from './pages/files-page.tsx'
import { MadePage } from './pages/made-page.tsx'
import { MakePage } from './pages/make-page.tsx'
import { OpenPage } from './pages/open-page.tsx'
import { RegisterPage } from './pages/register-page.tsx'
import { SharedPage } from './pages/shared-page.tsx'
import { WaitingPage } from './pages/waiting-page.tsx'
import { useSession, VaultProvider } from './session/session-context.tsx'
import { useAutoLock } from './session/use-auto-lock.ts'
import { useUpkeep } from './session/use-upkeep.ts'
import type { OpenVault } from './session/session.ts'
import { UploadDrop } from './upload/upload-drop.tsx'
import { NoticeProvider } from './ui/notice.tsx'
import { VaultFrame } from './ui/vault-frame.tsx'

/** What the session's state shows: a way in, or the vault. */
export function VaultApp() {
  const { session, state } = useSession()
  useAutoLock()
  const isShut = state.kind === 'closed' || state.kind === 'opening' || state.kind === 'making'
  const lock = () => void session.lock('locked')
  return (
    <VaultFrame onLock={state.kind === 'closed' ? null : lock} hasPages={state.kind === 'open'}>
      {state.kind === 'open' ? (
        <VaultProvider key={state.vault.recoveryAddress} vault={state.vault}>
          <Inside vault={state.vault} />
        </VaultProvider>
      ) : (
        <Guarded>
          {isShut && <WayIn />}
          {state.kind === 'made' && <MadePage made={state.made} label={state.label} />}
          {state.kind === 'unregistered' && <RegisterPage />}
          {state.kind === 'waiting' && <WaitingPage record={state.record} />}
        </Guarded>
      )}
    </VaultFrame>
  )
}

function WayIn() {
  return (
    <Routes>
      <Route path="new" element={<MakePage />} />
      <Route path="*" element={<OpenPage />} />
    </Routes>
  )
}

function Inside({ vault }: { vault: OpenVault }) {
  useUpkeep(vault)
  return (
    <NoticeProvider>
      <UploadDrop>
        <Guarded>
          <Routes>
            <Route path="files/:ownerId/:objectId" element={<FilePage />} />
            <Route path="shared" element={<SharedPage />} />
            <Route path="account" element={<AccountPage />} />
            <Route path="new" element={<Navigate to="/" replace />} />
            <Route path="*" element={<FilesPage />} />
          </Routes>
        </Guarded>
      </UploadDrop>
    </NoticeProvider>
  )
}

/** Keeps the frame, and what is open, when a page fails by an error of its own. */
function Guarded({ children }: { children: ReactNode }) {
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
      {children}
    </CrashGuard>
  )
}

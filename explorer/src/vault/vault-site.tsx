import { HashRouter } from 'react-router'
import { TextProvider } from '../i18n/text.tsx'
import type { VaultServices } from './client/vault-services.ts'
import { SessionProvider } from './session/session-context.tsx'
import { VaultApp } from './vault-app.tsx'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/frame.css'
import '../styles/parts.css'
import '../styles/table.css'
import '../styles/charts.css'
import './styles/vault.css'

/** The whole site, with what it works with given from outside. */
export function VaultSite({ services }: { services: VaultServices }) {
  return (
    <TextProvider>
      <SessionProvider services={services}>
        <HashRouter>
          <VaultApp />
        </HashRouter>
      </SessionProvider>
    </TextProvider>
  )
}

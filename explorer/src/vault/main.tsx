import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { applyTheme, rememberedTheme } from '../ui/theme.ts'
import { browserServices } from './client/browser-services.ts'
import { VaultSite } from './vault-site.tsx'

applyTheme(rememberedTheme())
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <VaultSite services={browserServices()} />
  </StrictMode>,
)

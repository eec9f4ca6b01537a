import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { LiveProvider } from './api/live.tsx'
import { ApiFailure } from './api/problem.ts'
import { App } from './app.tsx'
import { TextProvider } from './i18n/text.tsx'
import { applyTheme, rememberedTheme } from './ui/theme.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/parts.css'
import './styles/table.css'
import './styles/charts.css'
import './styles/print.css'

/** A gateway that is away is asked again this often before the page says so. */
const RETRIES = 1
const FRESH_MS = 15_000

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      retry: (failures, error) =>
        error instanceof ApiFailure && error.kind === 'network' && failures < RETRIES,
    },
  },
})

applyTheme(rememberedTheme())
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <TextProvider>
      <QueryClientProvider client={client}>
        <LiveProvider>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </LiveProvider>
      </QueryClientProvider>
    </TextProvider>
  </StrictMode>,
)

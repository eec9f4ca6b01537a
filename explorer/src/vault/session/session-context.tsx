import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createContext,
  use,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import type { VaultServices } from '../client/vault-services.ts'
import { Session, type OpenVault, type SessionState } from './session.ts'

interface SessionValue {
  readonly services: VaultServices
  readonly session: Session
  readonly state: SessionState
}

const SessionContext = createContext<SessionValue | null>(null)
const VaultContext = createContext<OpenVault | null>(null)

/** Gives the pages the one session of this tab. */
export function SessionProvider(props: { services: VaultServices; children: ReactNode }) {
  const { services } = props
  const session = useMemo(() => new Session(services), [services])
  const state = useSyncExternalStore(session.subscribe, () => session.state)
  const value = useMemo(() => ({ services, session, state }), [services, session, state])
  return <SessionContext value={value}>{props.children}</SessionContext>
}

/** Gives the pages what is open, mounted anew for each vault; nothing that was read outlives it. */
export function VaultProvider(props: { vault: OpenVault; children: ReactNode }) {
  const { vault } = props
  // The provider stands for one vault: another one mounts it anew.
  const [queries] = useState(newQueries)
  useEffect(() => () => queries.clear(), [queries])
  return (
    <VaultContext value={vault}>
      <QueryClientProvider client={queries}>{props.children}</QueryClientProvider>
    </VaultContext>
  )
}

function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  })
}

/** @throws Error outside of {@link SessionProvider}. */
export function useSession(): SessionValue {
  const value = use(SessionContext)
  if (value === null) throw new Error('useSession: expected a SessionProvider above')
  return value
}

/** What is open. @throws Error outside of {@link VaultProvider}. */
export function useVault(): OpenVault {
  const vault = use(VaultContext)
  if (vault === null) throw new Error('useVault: expected a VaultProvider above')
  return vault
}

import { useEffect } from 'react'
import type { OpenVault } from './session.ts'

/** How often ratings and other signed messages that wait are handed on. */
const TEND_MS = 60_000

/** What an open vault does beside what its reader sees: hands on what waits, and warns before a page that uploads is closed. */
export function useUpkeep({ client, uploads }: OpenVault): void {
  useEffect(() => {
    const stop = new AbortController()
    // What cannot be handed on now is kept, and is tried again.
    const tend = () => void client.tend({ signal: stop.signal }).catch(() => undefined)
    const timer = setInterval(tend, TEND_MS)
    return () => {
      clearInterval(timer)
      stop.abort()
    }
  }, [client])
  useEffect(() => {
    void uploads.adopt().catch(() => undefined)
    const warn = (event: BeforeUnloadEvent) => {
      if (uploads.isBusy) event.preventDefault()
    }
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [uploads])
}

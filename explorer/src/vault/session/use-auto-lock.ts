import { useEffect } from 'react'
import { IdleLock } from './idle-lock.ts'
import { useSession } from './session-context.tsx'

/** The vault is locked when nobody has touched the page for so long. */
export const IDLE_MS = 15 * 60_000

const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** Locks the vault when nobody touches the page. */
export function useAutoLock(): void {
  const { services, session, state } = useSession()
  const isOpen = state.kind !== 'closed'
  useEffect(() => {
    if (!isOpen) return
    const idle = new IdleLock({
      clock: services.clock,
      schedule: (run, delayMs) => {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
      idleMs: IDLE_MS,
      isBusy: () => session.isBusy,
      onIdle: () => void session.lock('idle'),
    })
    const touch = () => idle.touch()
    for (const name of TOUCHES) addEventListener(name, touch, { passive: true, capture: true })
    idle.start()
    return () => {
      idle.stop()
      for (const name of TOUCHES) removeEventListener(name, touch, { capture: true })
    }
  }, [isOpen, services, session])
}

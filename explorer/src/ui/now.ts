import { useSyncExternalStore } from 'react'

const STEP_MS = 10_000
const listeners = new Set<() => void>()
let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | null = null

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const each of listeners) each()
  }, STEP_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** The browser's clock in ten-second steps, one timer for every age on the page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs)
}

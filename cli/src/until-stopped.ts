import { once } from 'node:events'

const HOUR_MS = 3_600_000

/** Waits until a signal fires, and keeps the process alive for it: Node ends one that only listens. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  const hold = setInterval(() => undefined, HOUR_MS)
  try {
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    clearInterval(hold)
  }
}

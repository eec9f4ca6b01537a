import { setTimeout as delay } from 'node:timers/promises'

const LOOK_AGAIN_MS = 20

/**
 * Waits for something that another process does and tells nobody about.
 *
 * @param what - named in the error when it does not happen.
 * @returns what `look` gave, once that is neither null nor false.
 */
export async function until<T>(
  what: string,
  look: () => T | null | false | Promise<T | null | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== false) return found
    if (performance.now() > deadlineMs) {
      throw new Error(`${what}: did not happen within ${timeoutMs / 1000} s`)
    }
    await delay(LOOK_AGAIN_MS)
  }
}

import { throwIfAborted } from '@orlop/protocol/errors'

/**
 * Waits.
 *
 * @param what - what waits, for the message when the signal ends it.
 * @throws OrlopError `ABORTED` on the signal.
 */
export async function pause(
  milliseconds: number,
  what: string,
  signal?: AbortSignal,
): Promise<void> {
  throwIfAborted(signal, what)
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end, { once: true })
  })
  throwIfAborted(signal, what)
}

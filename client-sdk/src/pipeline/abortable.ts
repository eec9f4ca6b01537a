import { throwIfAborted } from '@orlop/protocol/errors'

/**
 * Waits for `work`, but no longer than until `signal` fires; the work itself goes on unheard.
 *
 * @param what names the work in the error.
 * @throws OrlopError `ABORTED`, and what `work` throws.
 */
export async function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  what: string,
): Promise<T> {
  throwIfAborted(signal, what)
  if (signal === undefined) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    try {
      throwIfAborted(signal, what)
    } catch (error) {
      reject(error)
    }
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

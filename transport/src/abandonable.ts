import { throwIfAborted } from '@orlop/protocol/errors'

/** Awaits work that others wait for too, for as long as this caller wants to. @throws OrlopError `ABORTED` when `signal` fires first. */
export async function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    try {
      throwIfAborted(signal, 'Dialling')
    } catch (error) {
      reject(error)
    }
  }
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

import { throwIfAborted } from './errors.ts'

export interface AbandonOptions {
  readonly signal: AbortSignal | undefined
  /** What is given up, for the message: "Dialling". */
  readonly what: string
}

/** Awaits work that others wait for too, for as long as this caller wants to. @throws OrlopError `ABORTED` when `signal` fires first. */
export async function abandonable<T>(work: Promise<T>, options: AbandonOptions): Promise<T> {
  const { signal, what } = options
  if (signal === undefined) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    try {
      throwIfAborted(signal, what)
    } catch (error) {
      reject(error)
    }
  }
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

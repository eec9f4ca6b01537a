import { OrlopError } from '@orlop/protocol/errors'

/** Joins the caller's signal with a time limit. @param what - what took too long, for the message. */
export function timedSignal(
  signal: AbortSignal | undefined,
  timeoutMs: number,
  what: string,
): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal?.reason)
  const timer = setTimeout(() => {
    const seconds = Math.ceil(timeoutMs / 1000)
    controller.abort(
      new OrlopError(
        'TIMEOUT',
        `${what} took longer than ${seconds} s. Check the link and try again.`,
      ),
    )
  }, timeoutMs)
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

import type { ClientContext } from './context.ts'
import { type ClientListener, eventsFor } from './events.ts'

/** What every verb takes last. */
export interface ActionOptions {
  /** Ends the work with `ABORTED`; an upload can be continued later. */
  readonly signal?: AbortSignal
  /** Hears what happens during this call. */
  readonly onProgress?: ClientListener
}

/** The same context, whose events also go to the caller of this one verb. */
export function contextFor(context: ClientContext, options: ActionOptions): ClientContext {
  if (options.onProgress === undefined) return context
  return { ...context, events: eventsFor(context.events, options.onProgress) }
}

/** Only the signal, for parts that take nothing else. */
export function signalOf(options: { readonly signal?: AbortSignal | undefined }): {
  signal?: AbortSignal
} {
  return options.signal === undefined ? {} : { signal: options.signal }
}

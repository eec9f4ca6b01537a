import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { findViews } from '../retrieve/object-view.ts'
import { objectIdOf, type OpenRequest } from '../retrieve/open-object.ts'
import { StripFetcher } from '../retrieve/strip-fetcher.ts'

/** Which object, and how much of it. */
export interface RetrieveSealedRequest extends Pick<OpenRequest, 'objectId' | 'ownerId'> {
  /** The beginning of the sealed stream is given, at most so many bytes. */
  readonly maxBytes: number
}

/**
 * Fetches the sealed bytes of any client's object as the nodes hold them, without opening anything: what somebody without keys gets.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND`; `LEDGER_UNREACHABLE`; `NODE_UNREACHABLE`; `STRIP_DAMAGED`; `ABORTED`.
 */
export async function retrieveSealed(
  outer: ClientContext,
  request: RetrieveSealedRequest,
  options: ActionOptions = {},
): Promise<Uint8Array> {
  const context = contextFor(outer, options)
  const objectId = objectIdOf(request.objectId)
  const { ownerId, maxBytes } = request
  const [view] = await findViews(
    context,
    ownerId === undefined ? { objectId } : { objectId, ownerId },
    options,
  )
  if (view === undefined) throw new RangeError('views: expected at least one')
  const sealed = new Uint8Array(Math.min(view.streamBytes, maxBytes))
  const signal = options.signal ?? new AbortController().signal
  let offset = 0
  for await (const piece of new StripFetcher(context, view).fetch(
    { start: 0, end: sealed.length },
    signal,
  )) {
    sealed.set(piece, offset)
    offset += piece.length
  }
  return sealed
}

import { wipe } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { entryOfObject } from '../retrieve/entry-of-object.ts'
import { type OpenRequest, openObject } from '../retrieve/open-object.ts'
import { readPlain } from '../retrieve/read-plain.ts'

/** Which object, and which part of it. */
export interface RetrieveRequest extends OpenRequest {
  /** A part of the plaintext in bytes, `end` exclusive and at most the object's length; all of it when left out. */
  readonly range?: { readonly start: number; readonly end?: number }
}

/** An object that is being read. */
export interface Retrieved {
  readonly entry: CatalogueEntry
  /** Bytes the stream gives in all. */
  readonly lengthBytes: number
  /** The plaintext in pieces; read it once. That all of it is right is known when it ends without an error. */
  readonly stream: AsyncIterable<Uint8Array>
}

/**
 * Fetches an object: receipts on the ledger, newest envelope, then the sealed bytes from whichever of its nodes serves them best,
 * opened as they come. One flipped bit anywhere is an error or a fetch from another node, never wrong data. A range fetches only
 * the chunks it lies in.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND`, `OBJECT_REMOVED`, `WRONG_KEY`, `ENVELOPE_INVALID`, `ENVELOPE_ROLLED_BACK`,
 *   `LEDGER_UNREACHABLE`, `NODE_UNREACHABLE`; `USAGE` for a range outside the object. The stream throws `OBJECT_DAMAGED` when no copy
 *   is right, `NODE_UNREACHABLE`, `ABORTED`.
 */
export async function retrieve(
  outer: ClientContext,
  request: RetrieveRequest,
  options: ActionOptions = {},
): Promise<Retrieved> {
  const context = contextFor(outer, options)
  const object = await openObject(context, request, options)
  const { view, opened } = object
  const range = rangeWithin(request.range, opened.manifest.plainBytes)
  const { catalogue } = context.home
  const known = await catalogue.get(view.objectId, view.ownerId)
  const entry = entryOfObject(object, known)
  await catalogue.put(entry)
  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* readPlain(context, object, range, options)
    } finally {
      wipe(opened.dataKey)
    }
  }
  return { entry, lengthBytes: range.end - range.start, stream: stream() }
}

function rangeWithin(
  range: RetrieveRequest['range'],
  plainBytes: number,
): { start: number; end: number } {
  const start = range?.start ?? 0
  const end = Math.min(range?.end ?? plainBytes, plainBytes)
  const isWithin = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0
  if (isWithin && start <= end) return { start, end }
  throw new OrlopError(
    'USAGE',
    `The range from ${start} to ${range?.end ?? 'the end'} is not within the object's ${plainBytes} bytes. Give a range that begins inside it.`,
    { details: { plainBytes } },
  )
}

import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import type { OpenRequest } from '../retrieve/open-object.ts'
import { open, type Reading, type ReadRange } from './open.ts'

/** Which object, and which part of it. */
export interface RetrieveRequest extends OpenRequest {
  readonly range?: ReadRange
}

/** An object that is being read. */
export interface Retrieved extends Reading {
  readonly entry: CatalogueEntry
}

/**
 * Fetches an object: receipts on the ledger, newest envelope, then the sealed bytes from whichever of its nodes serves them best,
 * opened as they come. One flipped bit anywhere is an error or a fetch from another node, never wrong data. A range fetches only
 * the chunks it lies in; for several of them `open` spares finding the object again.
 *
 * @throws OrlopError as `open`; `USAGE` for a range outside the object. The stream throws `OBJECT_DAMAGED` when no copy is right,
 *   `NODE_UNREACHABLE`, `ABORTED`.
 */
export async function retrieve(
  context: ClientContext,
  { range, ...request }: RetrieveRequest,
  options: ActionOptions = {},
): Promise<Retrieved> {
  const reader = await open(context, request, options)
  try {
    return { entry: reader.entry, ...reader.read(range) }
  } finally {
    reader.close()
  }
}

import { isOrlopError, OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { openPipeline, type PlainRange } from '../pipeline/open-pipeline.ts'
import type { OpenedObject } from './open-object.ts'
import { StripFetcher } from './strip-fetcher.ts'

/**
 * The plaintext of an opened object, or of a range of it, in order and in flat memory. Every piece was authenticated before it is
 * given; bytes that fail are blamed on the node they came from and fetched from another copy. A read of the whole also compares
 * Merkle root and plaintext hash before it ends.
 *
 * @throws OrlopError `OBJECT_DAMAGED` when no copy is right; `NODE_UNREACHABLE` when the link is gone for long; `ABORTED`.
 */
export async function* readPlain(
  context: ClientContext,
  { view, opened }: OpenedObject,
  range: PlainRange,
  options: ActionOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const fetcher = new StripFetcher(context, view)
  const { table, manifest, dataKey, envelope } = opened
  const objectName = formatObjectId(view.objectId)
  // Every strip of k = 1 is the stream; the fetcher refuses nodes whose strip has another root than the receipt.
  const [holder] = view.holders
  const totalBytes = range.end - range.start
  let position = range.start
  for (;;) {
    try {
      const pieces = openPipeline({
        headerBytes: envelope.headerBytes,
        dataKey,
        table,
        plainSha256: manifest.plainSha256,
        ...(holder === undefined ? {} : { sealedRoot: holder.root }),
        range: { start: position, end: range.end },
        fetch: (sealed, signal) => fetcher.fetch(sealed, signal),
        crews: context.crews,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      })
      for await (const piece of pieces) {
        position += piece.length
        yield piece
        const plainBytes = position - range.start
        context.events.emit({ type: 'received', objectName, plainBytes, totalBytes })
      }
      return
    } catch (error) {
      throwIfAborted(options.signal, 'Fetching')
      if (!(await isBlamed(fetcher, { error, table }))) throw error
      if (!fetcher.hasHolder) throw allDamaged(objectName, fetcher.rejected)
    }
  }
}

/** Finds out whose bytes failed. @returns false when it was no node's fault, so that trying others is no use. */
async function isBlamed(
  fetcher: StripFetcher,
  failed: { readonly error: unknown; readonly table: OpenedObject['opened']['table'] },
): Promise<boolean> {
  const { error, table } = failed
  if (!isOrlopError(error)) return false
  const before = fetcher.rejected.size
  if (error.code === 'STRIP_DAMAGED') {
    await fetcher.blame(0, table.sealedBytes, error.message)
  } else if (error.code === 'OBJECT_DAMAGED') {
    const { chunk } = error.details
    if (typeof chunk !== 'number') return false
    const start = table.sealedStart(chunk)
    await fetcher.blame(start, start + table.sealedChunkBytes(chunk), error.message)
  }
  return fetcher.rejected.size > before
}

function allDamaged(objectName: string, rejected: ReadonlyMap<number, string>): OrlopError {
  const nodes = [...rejected.keys()].join(', ')
  return new OrlopError(
    'OBJECT_DAMAGED',
    `No node has a right copy of ${objectName} any more (nodes ${nodes} gave damaged bytes). Restore it from your own copy and store it anew.`,
    { details: { nodes } },
  )
}

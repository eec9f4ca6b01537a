import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { objectStatus, type StripState } from '@orlop/protocol/wire/status'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { objectIdOf } from '../retrieve/open-object.ts'
import { refreshEntry } from '../retrieve/refresh-entry.ts'
import type { UploadState } from '../upload/upload-record.ts'

/** How one copy stands, by its own node. */
export interface StripReport {
  readonly index: number
  readonly nodeId: number
  readonly nodeName: string
  /** Null when the node was not reached or does not know the strip. */
  readonly nodeState: StripState | null
  /** Null before the receipt is on the ledger. */
  readonly txHash: string | null
}

/** How an object of this client stands. */
export interface ObjectReport {
  readonly objectId: string
  readonly state: UploadState | CatalogueEntry['state']
  readonly name: string
  readonly strips: readonly StripReport[]
  /** For an upload under way: sealed bytes on the ingress node's disk, and of how many. */
  readonly upload: { readonly durableBytes: number; readonly totalBytes: number | null } | null
}

/**
 * How one of this client's objects stands: an upload under way, or stored, recorded, final, removed; with what each node says.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND` when this client has neither upload nor catalogue entry of that name.
 */
export async function status(
  outer: ClientContext,
  request: { readonly objectId: Uint8Array | string },
  options: ActionOptions = {},
): Promise<ObjectReport> {
  const context = contextFor(outer, options)
  const objectId = objectIdOf(request.objectId)
  const upload = await context.home.uploads.get(objectId)
  if (upload !== null) {
    return {
      objectId: formatObjectId(objectId),
      state: upload.state,
      name: upload.name,
      strips: [],
      upload: {
        durableBytes: upload.durableBytes,
        totalBytes: upload.sealed?.streamBytes ?? null,
      },
    }
  }
  const known = await context.home.catalogue.get(objectId, context.identity.clientId)
  if (known === null) throw notFound(objectId)
  const entry = await refreshEntry(context, known, signalOf(options))
  const strips = await Promise.all(entry.strips.map((strip) => report(context, entry, strip)))
  const { state, name } = entry
  return { objectId: formatObjectId(objectId), state, name, strips, upload: null }
}

async function report(
  context: ClientContext,
  { objectId, ownerId: clientId }: CatalogueEntry,
  strip: CatalogueEntry['strips'][number],
): Promise<StripReport> {
  const { index, nodeId } = strip
  const facts = { index, nodeId, txHash: strip.transactionHash ?? null }
  try {
    const node = await context.directory.byId(nodeId)
    const request = { object: { objectId, clientId } }
    const call = { verb: 'status', request, answer: objectStatus } as const
    const { strips } = await context.network.call(node, call)
    const own = strips.find((one) => one.index === index && one.nodeId === nodeId)
    return { ...facts, nodeName: node.name, nodeState: own?.state ?? null }
  } catch (error) {
    if (!isOrlopError(error)) throw error
    return { ...facts, nodeName: `node ${nodeId}`, nodeState: null }
  }
}

function notFound(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'OBJECT_NOT_FOUND',
    `This client has neither an upload nor a stored object ${formatObjectId(objectId)}. Check the name; 'recover' rebuilds the catalogue.`,
  )
}

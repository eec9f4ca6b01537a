import { equalConstantTime, wipe } from '@orlop/crypto/bytes'
import { MAX_STANZAS, type Stanza } from '@orlop/crypto/format/stanza'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { envelopeUpdateType } from '@orlop/protocol/messages/keeping'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { tendPending } from '../pending/tend-pending.ts'
import { entryOfObject } from '../retrieve/entry-of-object.ts'
import { newestEnvelope } from '../retrieve/newest-envelope.ts'
import type { ObjectView } from '../retrieve/object-view.ts'
import { type OpenedObject, openObject } from '../retrieve/open-object.ts'
import { applicationsOf } from './applications-of.ts'
import { type ComposedEnvelope, composeEnvelope } from './compose-envelope.ts'
import { putEnvelope } from './put-envelope.ts'
import type { WrapRequest } from './recipient-stanzas.ts'
import { sharedWith } from './stanza-of.ts'

/** Two writers at once: the loser builds on the winner's version and tries again. */
const MAX_REBASES = 5

export interface RewriteRequest {
  /** 32 bytes or text; one of this client's own objects. */
  readonly objectId: Uint8Array | string
  /** Whether the new version is fixed on the ledger, so that no node can go back behind it. */
  readonly anchor?: boolean
  /** Makes the new stanzas of the present ones. */
  readonly change: (stanzas: readonly Stanza[], wrap: WrapRequest) => Promise<readonly Stanza[]>
}

/** What writing an envelope came to. */
export interface RewrittenEnvelope {
  readonly objectId: string
  readonly version: number
  /** Nodes that have it now. */
  readonly nodeIds: readonly number[]
  /** Nodes that get it when they are reachable again. */
  readonly waitingNodeIds: readonly number[]
}

/** A version that was composed, and who opens it beside the owner. */
type NextEnvelope = ComposedEnvelope &
  Pick<CatalogueEntry, 'applications'> & { readonly sharedWith: number }

/**
 * Writes a new version of an own object's envelope and puts it to every node that holds a strip; those that are away get it later.
 *
 * @throws OrlopError `NOT_AUTHORIZED` for another client's object; `ENVELOPE_CONFLICT` when others keep writing at the same time;
 *   `NODE_UNREACHABLE` when no node took it; `LIMIT_EXCEEDED` for more than 64 recipients; and as `retrieve`.
 */
export async function rewriteEnvelope(
  context: ClientContext,
  request: RewriteRequest,
  options: ActionOptions,
): Promise<RewrittenEnvelope> {
  const ownerId = context.identity.clientId
  for (let rebase = 0; rebase < MAX_REBASES; rebase++) {
    const object = await openObject(context, { objectId: request.objectId, ownerId }, options)
    try {
      const composed = await composeNext(context, object, request)
      const written = await deliver(context, object, { composed, request }, options)
      if (written !== null) return written
    } finally {
      wipe(object.opened.dataKey)
    }
  }
  throw new OrlopError(
    'ENVELOPE_CONFLICT',
    'Somebody else writes the envelope of this object at the same time, again and again. Wait until they are done and try again.',
  )
}

async function composeNext(
  context: ClientContext,
  { view, opened }: OpenedObject,
  { change }: RewriteRequest,
): Promise<NextEnvelope> {
  const { objectId, headerHash } = view
  const { envelope, dataKey, manifest } = opened
  const stanzas = await change(envelope.stanzas, { objectId, headerHash, dataKey })
  if (stanzas.length > MAX_STANZAS) {
    throw new OrlopError(
      'LIMIT_EXCEEDED',
      `An envelope has room for ${MAX_STANZAS} recipients, this one would have ${stanzas.length}. Revoke some first.`,
    )
  }
  const composed = composeEnvelope(context.identity, {
    headerBytes: envelope.headerBytes,
    dataKey,
    manifest,
    stanzas,
    version: envelope.version + 1,
    previousHash: opened.envelopeHash,
  })
  const { keySets } = context.identity.keyring
  return {
    ...composed,
    sharedWith: sharedWith(stanzas, keySets, objectId),
    applications: applicationsOf(stanzas).applications,
  }
}

/** @returns null when a newer version turned up, on which the change must be built anew. */
async function deliver(
  context: ClientContext,
  object: OpenedObject,
  writing: { readonly composed: NextEnvelope; readonly request: RewriteRequest },
  options: ActionOptions,
): Promise<RewrittenEnvelope | null> {
  const { view } = object
  const { envelope, envelopeHash, version } = writing.composed
  const { objectId, ownerId: clientId } = view
  const nodeIds = [...new Set(view.holders.map(({ nodeId }) => nodeId))]
  const put = await putEnvelope(context, { clientId, envelope, nodeIds }, options)
  if (put.conflicting.length > 0) return null
  if (put.taken.length === 0) throw nobodyTookIt(objectId)
  if (!(await isKept(context, view, writing.composed, options))) return null
  const { catalogue, pending } = context.home
  const known = await catalogue.get(objectId, clientId)
  const entry = entryOfObject(object, known)
  await catalogue.put({
    ...entry,
    ...{ envelopeHash, envelopeVersion: version },
    sharedWith: writing.composed.sharedWith,
    applications: writing.composed.applications,
  })
  const handed = { handedToNodeIds: [], handedMs: 0 }
  if (put.missing.length > 0) {
    const waiting = { objectId, clientId, version, envelope, nodeIds: [...put.missing] }
    await pending.put({ kind: 'envelope', ...waiting, ...handed })
  }
  if (writing.request.anchor === true) {
    const message = { objectId, clientId, version, envelopeHash }
    const update = context.identity.sign(envelopeUpdateType, message)
    await pending.put({ kind: 'anchor', update, ...handed })
    await tendPending(context, options.signal === undefined ? {} : { signal: options.signal })
  }
  return {
    objectId: formatObjectId(objectId),
    version,
    nodeIds: put.taken,
    waitingNodeIds: put.missing,
  }
}

/** Of two envelopes of one version the nodes keep the one with the lower hash, also when it comes second: its loser sees that here. */
async function isKept(
  context: ClientContext,
  view: ObjectView,
  written: ComposedEnvelope,
  options: ActionOptions,
): Promise<boolean> {
  const { envelope, envelopeHash } = await newestEnvelope(context, view, options)
  if (envelope.version !== written.version) return false
  return equalConstantTime(envelopeHash, written.envelopeHash)
}

function nobodyTookIt(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'NODE_UNREACHABLE',
    `No node that holds ${formatObjectId(objectId)} took the new envelope. Check the link and try again.`,
  )
}

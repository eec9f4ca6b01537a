import { compareBytes, equalConstantTime } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { decodeEnvelope, type Envelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import { decodeHeader, hashHeader } from '@orlop/crypto/format/header'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { envelopeUpdateType } from '@orlop/protocol/messages/keeping'
import { signerOf } from '@orlop/protocol/typed-message'
import { envelopeGetAnswer } from '@orlop/protocol/wire/envelope'
import { type ActionOptions, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { distrustNode } from '../rating/distrust-node.ts'
import type { ObjectView } from './object-view.ts'
import { OwnerSigners } from './owner-signers.ts'

/** An envelope whose owner's signature, header and version were checked. */
export interface CheckedEnvelope {
  readonly envelope: Envelope
  readonly envelopeHash: Uint8Array
}

interface OfferedEnvelope extends CheckedEnvelope {
  /** Signed with a key that its owner has replaced. */
  readonly isFormer: boolean
}

/** What one node answered. */
type EnvelopeAnswer =
  | { readonly kind: 'valid'; readonly checked: OfferedEnvelope }
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid' | 'unreachable'; readonly reason: string }

/**
 * Asks every node that holds a strip for the envelope and takes the newest: highest version, of equals the lower hash. What the
 * ledger has fixed, and what this client has seen before, is a floor (formats.md 6). An envelope that bears a key its owner has replaced
 * counts only where none bears a present one: whoever stole that key could sign newer ones.
 *
 * @throws OrlopError `ENVELOPE_ROLLED_BACK` when only older ones are offered; `ENVELOPE_INVALID` when none is authentic;
 *   `NODE_UNREACHABLE` when no node answers; `OBJECT_NOT_FOUND` when none has one.
 */
export async function newestEnvelope(
  context: ClientContext,
  view: ObjectView,
  options: ActionOptions = {},
): Promise<CheckedEnvelope> {
  const signers = new OwnerSigners(context, view.ownerId, options)
  const nodeIds = [...new Set(view.holders.map(({ nodeId }) => nodeId))]
  const answers = await Promise.all(
    nodeIds.map((nodeId) => askNode(context, { view, nodeId, signers }, options)),
  )
  options.signal?.throwIfAborted()
  const valid = answers.flatMap((one) => (one.kind === 'valid' ? [one.checked] : []))
  const present = valid.filter(({ isFormer }) => !isFormer)
  const offered = present.length > 0 ? present : valid
  const newest = offered.sort(newerFirst)[0]
  if (newest === undefined) throw noEnvelope(view, answers)
  return aboveFloor(context, view, { newest, valid: offered })
}

/** Newest first; of equal versions the one with the lower hash, as on the nodes. */
function newerFirst(left: CheckedEnvelope, right: CheckedEnvelope): number {
  const byVersion = right.envelope.version - left.envelope.version
  return byVersion !== 0 ? byVersion : compareBytes(left.envelopeHash, right.envelopeHash)
}

async function aboveFloor(
  context: ClientContext,
  view: ObjectView,
  found: { readonly newest: CheckedEnvelope; readonly valid: readonly CheckedEnvelope[] },
): Promise<CheckedEnvelope> {
  const { newest, valid } = found
  const seen = await context.home.catalogue.get(view.objectId, view.ownerId)
  const floor = Math.max(view.anchor?.version ?? 0, seen?.envelopeVersion ?? 0)
  if (newest.envelope.version < floor) throw rolledBack(view, newest.envelope.version, floor)
  const { anchor } = view
  if (anchor === null || newest.envelope.version > anchor.version) return newest
  const anchored = valid.find(({ envelopeHash }) =>
    equalConstantTime(envelopeHash, anchor.envelopeHash),
  )
  if (anchored !== undefined) return anchored
  throw new OrlopError(
    'ENVELOPE_ROLLED_BACK',
    `The nodes offer another envelope of ${formatObjectId(view.objectId)} than version ${anchor.version} that the ledger has fixed. Try again when more of its nodes are reachable.`,
    { details: { version: anchor.version } },
  )
}

async function askNode(
  context: ClientContext,
  request: { readonly view: ObjectView; readonly nodeId: number; readonly signers: OwnerSigners },
  options: ActionOptions,
): Promise<EnvelopeAnswer> {
  const { view, nodeId, signers } = request
  const { objectId, ownerId: clientId } = view
  let node: NodeRecord | null = null
  try {
    node = await context.directory.byId(nodeId, signalOf(options))
    const request = { get: { objectId, clientId } }
    const call = { verb: 'envelope', request, answer: envelopeGetAnswer } as const
    const { envelope } = await context.network.call(node, call, signalOf(options))
    if (envelope === null) return { kind: 'none' }
    const checked = await checkEnvelope(context, view, { bytes: envelope, signers })
    return { kind: 'valid', checked }
  } catch (error) {
    if (!isOrlopError(error)) throw error
    const reason = `${node?.name ?? `node ${nodeId}`}: ${error.message}`
    if (error.code !== 'ENVELOPE_INVALID' || node === null) return { kind: 'unreachable', reason }
    await distrustNode(context, nodeId)
    const objectName = formatObjectId(objectId)
    const named = { nodeId, name: node.name }
    context.events.emit({ type: 'damaged', objectName, node: named, reason: error.message })
    return { kind: 'invalid', reason }
  }
}

/**
 * Decodes an envelope and checks that it is this object's, under the committed header, signed by its owner.
 *
 * @throws OrlopError `ENVELOPE_INVALID`; `LEDGER_UNREACHABLE` when former keys have to be asked for.
 */
async function checkEnvelope(
  context: ClientContext,
  view: ObjectView,
  offered: { readonly bytes: Uint8Array; readonly signers: OwnerSigners },
): Promise<OfferedEnvelope> {
  const { envelope, envelopeHash, signer } = readEnvelope(context, view, offered.bytes)
  const standing = await offered.signers.standingOf(signer)
  if (standing === 'stranger') throw invalid(view)
  return { envelope, envelopeHash, isFormer: standing === 'former' }
}

function readEnvelope(
  context: ClientContext,
  view: ObjectView,
  bytes: Uint8Array,
): CheckedEnvelope & { readonly signer: string } {
  try {
    const envelope = decodeEnvelope(bytes)
    const envelopeHash = hashEnvelope(envelope)
    const { objectId } = decodeHeader(envelope.headerBytes)
    const message = { objectId, clientId: view.ownerId, version: envelope.version, envelopeHash }
    const signed = { message, signature: envelope.signature }
    const isOfObject =
      equalConstantTime(objectId, view.objectId) &&
      equalConstantTime(hashHeader(envelope.headerBytes), view.headerHash)
    const signer = signerOf(envelopeUpdateType, context.deployment, signed)
    if (isOfObject) return { envelope, envelopeHash, signer }
  } catch (cause) {
    if (!(cause instanceof CryptoError) && !isOrlopError(cause)) throw cause
    throw invalid(view, cause)
  }
  throw invalid(view)
}

function invalid(view: ObjectView, cause?: unknown): OrlopError {
  return new OrlopError(
    'ENVELOPE_INVALID',
    `The envelope offered for ${formatObjectId(view.objectId)} is damaged, of another object, or not signed by its owner. Other nodes are asked; tell the node's operator.`,
    { cause },
  )
}

function rolledBack(view: ObjectView, offered: number, floor: number): OrlopError {
  return new OrlopError(
    'ENVELOPE_ROLLED_BACK',
    `The nodes offer version ${offered} of the envelope of ${formatObjectId(view.objectId)}, but version ${floor} exists. Try again when more of its nodes are reachable; a node may hide the newer one.`,
    { details: { offered, floor } },
  )
}

function noEnvelope(view: ObjectView, answers: readonly EnvelopeAnswer[]): OrlopError {
  const objectName = formatObjectId(view.objectId)
  const reasons = answers.flatMap((one) => ('reason' in one ? [one.reason] : [])).join(' ')
  if (answers.some(({ kind }) => kind === 'invalid')) {
    return new OrlopError(
      'ENVELOPE_INVALID',
      `No node has a genuine envelope of ${objectName}. ${reasons}`,
    )
  }
  if (answers.some(({ kind }) => kind === 'none') || answers.length === 0) {
    return new OrlopError(
      'OBJECT_NOT_FOUND',
      `No reachable node has the envelope of ${objectName}. Try again when more of its nodes are reachable. ${reasons}`,
    )
  }
  return new OrlopError(
    'NODE_UNREACHABLE',
    `No node that holds ${objectName} can be reached. Check the link and try again. ${reasons}`,
  )
}

import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { composeEvidence, type ComposedEvidence } from '../evidence/compose-evidence.ts'
import { type EvidenceSubject, MAX_EVIDENCE_OBJECTS } from '../evidence/evidence-format.ts'
import type { Parties } from '../evidence/parties.ts'
import { SignedWordsFinder } from '../evidence/signed-words.ts'
import { objectIdOf } from '../retrieve/open-object.ts'

/** What evidence is exported of. */
export interface ExportEvidenceRequest {
  /** These objects … */
  readonly objectIds?: readonly (Uint8Array | string)[]
  /** … or all that have a receipt of this time on the ledger, wall milliseconds; `toMs` exclusive. */
  readonly period?: { readonly fromMs: number; readonly toMs: number }
  /** Whose; this client's own when left out. The ledger is public: evidence of any ship can be exported. */
  readonly clientId?: number
}

/**
 * Gathers what proves that objects are stored: receipts with their batch proofs, signatures as far as they are known, and what became
 * of them, signed by this client. Nothing secret is in it: no names, no keys, no content.
 *
 * @throws RangeError when the request names neither objects nor a period, or both.
 * @throws OrlopError `OBJECT_NOT_FOUND` when the ledger has no receipt of an object, or none in the period; `LIMIT_EXCEEDED`;
 *   `NOT_ADMITTED` for a client that is not registered; `LEDGER_UNREACHABLE`; `ABORTED`.
 */
export async function exportEvidence(
  outer: ClientContext,
  request: ExportEvidenceRequest,
  options: ActionOptions = {},
): Promise<ComposedEvidence> {
  const context = contextFor(outer, options)
  const { identity, ledger, home } = context
  await identity.refresh(ledger, signalOf(options))
  const { clientId } = identity
  const source = {
    ledger,
    exporter: { clientId, secretKey: identity.keySet.ledgerSecretKey },
    nowMs: home.clockOffset.nowMs(),
    wordsOf: (parties: Parties) => new SignedWordsFinder(context, parties),
  }
  return composeEvidence(source, subjectOf(request, clientId), signalOf(options))
}

function subjectOf(request: ExportEvidenceRequest, ownId: number): EvidenceSubject {
  const { objectIds = [], period, clientId = ownId } = request
  if (objectIds.length > 0 === (period !== undefined)) {
    throw new RangeError('request: expected either objectIds or a period')
  }
  if (period !== undefined) {
    if (period.fromMs < period.toMs) return { kind: 'period', clientId, ...period }
    throw new OrlopError('USAGE', 'The period ends before it begins. Give a later end.')
  }
  if (objectIds.length > MAX_EVIDENCE_OBJECTS) {
    throw new OrlopError(
      'LIMIT_EXCEEDED',
      `One evidence file takes at most ${MAX_EVIDENCE_OBJECTS} objects by name, not ${objectIds.length}. Export a period, or fewer objects.`,
    )
  }
  const names = new Map(objectIds.map(objectIdOf).map((id) => [formatObjectId(id), id]))
  return { kind: 'objects', clientId, objectIds: [...names.values()] }
}

import { equalConstantTime } from '@orlop/crypto/bytes'
import { decodeEnvelope, type Envelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import { decodeHeader, hashHeader } from '@orlop/crypto/format/header'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { envelopeUpdateType } from '@orlop/protocol/messages/keeping'
import {
  type Commit,
  commitType,
  type SignedCommit,
  type SignedOffer,
} from '@orlop/protocol/messages/storing'
import type { EnvelopeShelf, ObjectKey } from '../storage/interfaces.ts'
import { describeStrip } from '../storage/strip-name.ts'
import type { LedgerView } from './ledger-view.ts'

/** What every strip of one object has alike. */
const SHARED = ['streamBytes', 'expiry', 'clientId', 'classCode', 'k', 'm', 'level'] as const

/**
 * Checks that the commits are those of one whole object: every strip once, at different nodes, with the same content (k = 1).
 *
 * @throws OrlopError `COMMIT_INVALID`
 */
export function assertWholeObject(commits: readonly SignedCommit[]): void {
  const messages = commits.map(({ message }) => message)
  const [first] = messages
  if (first === undefined) throw invalid('no strip is committed')
  for (const message of messages) assertSameObject(first, message)
  const indexes = new Set(messages.map(({ index }) => index))
  const isComplete =
    first.k === 1 &&
    messages.length === first.k + first.m &&
    indexes.size === messages.length &&
    Math.max(...indexes) === messages.length - 1
  if (!isComplete) {
    throw invalid(`k = ${first.k} and m = ${first.m} need each strip once, got ${messages.length}`)
  }
  if (new Set(messages.map(({ nodeId }) => nodeId)).size !== messages.length) {
    throw invalid('two strips name the same node')
  }
}

/** Checks that two commits differ in nothing but strip, node, number and flags. @throws OrlopError `COMMIT_INVALID`. */
export function assertSameObject(first: Commit, other: Commit): void {
  const isSame =
    equalConstantTime(first.objectId, other.objectId) &&
    equalConstantTime(first.headerHash, other.headerHash) &&
    equalConstantTime(first.root, other.root) &&
    SHARED.every((field) => first[field] === other[field])
  if (!isSame) throw invalid('the strips are not of one object, or not equal copies')
}

/**
 * Checks that a commit keeps to what the client offered and this node reserved.
 *
 * @throws OrlopError `RESERVATION_EXCEEDED` for more bytes; `COMMIT_INVALID` for other terms or an expiry that has passed.
 */
export function assertWithinOffer(
  { message }: SignedCommit,
  { message: offer }: SignedOffer,
  reserved: { maxBytes: number; nowMs: number },
): void {
  if (message.streamBytes > reserved.maxBytes) {
    throw new OrlopError(
      'RESERVATION_EXCEEDED',
      `${describeStrip(message)} has ${message.streamBytes} bytes, but room for ${reserved.maxBytes} was reserved. Make a new offer with its true size.`,
    )
  }
  const keepsTerms =
    message.k === offer.k && message.m === offer.m && message.classCode === offer.classCode
  if (!keepsTerms) throw invalid('copies or class are not those of the offer')
  if (message.expiry > offer.expiry) throw invalid('it is to be kept for longer than was offered')
  if (message.expiry * 1000 <= reserved.nowMs) throw invalid('its time has run out already')
}

/** @throws OrlopError `SIGNATURE_INVALID`, `NOT_ADMITTED`. */
export async function assertCommitSigned(ledger: LedgerView, commit: SignedCommit): Promise<void> {
  await ledger.assertSignedByClient(commitType, commit, commit.message.clientId)
}

export interface EnvelopeTerms {
  clientId: number
  /** The commit that the envelope stands beside. */
  commit: Commit
}

/**
 * Reads an envelope and checks that it is the client's own and stands beside this very object.
 *
 * @throws OrlopError `ENVELOPE_INVALID`, `COMMIT_INVALID` when its header is not the one committed to, `SIGNATURE_INVALID`.
 */
export async function checkEnvelope(
  parts: { ledger: LedgerView; envelopes: EnvelopeShelf },
  bytes: Uint8Array,
  { clientId, commit }: EnvelopeTerms,
): Promise<Envelope> {
  const envelope = readEnvelope(bytes)
  const header = decodeHeader(envelope.headerBytes)
  const isOfCommit =
    equalConstantTime(hashHeader(envelope.headerBytes), commit.headerHash) &&
    equalConstantTime(header.objectId, commit.objectId) &&
    header.k === commit.k &&
    header.m === commit.m &&
    header.level === commit.level
  if (!isOfCommit) throw invalid('the envelope has another header than the one that was signed')
  await assertEnvelopeSigned(parts, envelope, { objectId: commit.objectId, clientId })
  return envelope
}

/** @throws OrlopError `ENVELOPE_INVALID` when the bytes are no envelope. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  try {
    return decodeEnvelope(bytes)
  } catch (cause) {
    throw new OrlopError(
      'ENVELOPE_INVALID',
      'The bytes sent as an envelope are none. Write it again with a current client.',
      { cause },
    )
  }
}

/** Checks the client's signature; one of an earlier signer is good for an envelope that is here already. */
async function assertEnvelopeSigned(
  { ledger, envelopes }: { ledger: LedgerView; envelopes: EnvelopeShelf },
  envelope: Envelope,
  key: ObjectKey,
): Promise<void> {
  const envelopeHash = hashEnvelope(envelope)
  const message = { ...key, version: envelope.version, envelopeHash }
  try {
    const signed = { message, signature: envelope.signature }
    await ledger.assertSignedByClient(envelopeUpdateType, signed, key.clientId)
  } catch (error) {
    if (!isOrlopError(error, 'SIGNATURE_INVALID')) throw error
    const held = await envelopes.find(key)
    if (held === null || !equalConstantTime(held.envelopeHash, envelopeHash)) throw error
  }
}

function invalid(problem: string): OrlopError {
  return new OrlopError(
    'COMMIT_INVALID',
    `The commit is refused: ${problem}. Sign it as offer and reservations say.`,
  )
}

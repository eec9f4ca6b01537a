import type { ErrorCode } from '@orlop/protocol/error-codes'
import { isOrlopError, type OrlopError } from '@orlop/protocol/errors'

/** What a failure during an upload means for it. */
export type FailureMeaning =
  /** The link or the node is away: the same again, later. */
  | 'again'
  /** The node does not know the reservation any more: offer the sealed bytes anew. */
  | 'reserve-anew'
  /** The node lied or lost data: another node, and this one is marked. */
  | 'node-fault'
  /** Nothing that waiting or another node would change. */
  | 'fatal'

const MEANINGS: Readonly<Partial<Record<ErrorCode, FailureMeaning>>> = {
  NODE_UNREACHABLE: 'again',
  TIMEOUT: 'again',
  PEER_TOO_SLOW: 'again',
  PEER_LIMIT: 'again',
  LEASE_HELD: 'again',
  LEDGER_UNREACHABLE: 'again',
  RESERVATION_UNKNOWN: 'reserve-anew',
  RESERVATION_EXCEEDED: 'reserve-anew',
  SIGNATURE_INVALID: 'node-fault',
  MALFORMED_MESSAGE: 'node-fault',
  MESSAGE_TOO_LARGE: 'node-fault',
  STRIP_DAMAGED: 'node-fault',
  COMMIT_INVALID: 'node-fault',
}

/** Decides what to do about a failure of a node or of the link. */
export function meaningOf(error: unknown): FailureMeaning {
  if (!isOrlopError(error)) return 'fatal'
  // What went wrong inside a node may be over after its restart.
  if (error.name === 'RemoteError' && error.code === 'INTERNAL') return 'again'
  return MEANINGS[error.code] ?? 'fatal'
}

/** The node that an error is about; null when it names none. */
export function blamedNodeId(error: OrlopError): number | null {
  const { nodeId } = error.details
  return typeof nodeId === 'number' ? nodeId : null
}

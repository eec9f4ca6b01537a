import { isOrlopError, OrlopError, throwIfAborted } from '@orlop/protocol/errors'

/** What stopped working, for a failure's sentence. */
export interface FailureContext {
  /** As in "The connection to PEER …". */
  peerId: string
  /** What was tried, as in "could not be opened". */
  what: string
  /** The caller's own signal: when it fired, the caller gave up and nobody failed. */
  signal?: AbortSignal | undefined
}

/** Turns whatever a library threw into a typed error; keeps one that is typed already. */
export function asConnectionFailure(cause: unknown, context: FailureContext): OrlopError {
  if (isOrlopError(cause)) return cause
  try {
    throwIfAborted(context.signal, `The connection to ${context.peerId}`)
  } catch (aborted) {
    if (isOrlopError(aborted)) return aborted
  }
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
  return new OrlopError(
    'NODE_UNREACHABLE',
    `The connection to ${context.peerId} ${context.what}${timedOut ? ' in time' : ''}. Try again, or another node.`,
    { cause },
  )
}

/** The frame under way stood still for longer than allowed. */
export function peerTooSlow(peerId: string, windowMs: number): OrlopError {
  return new OrlopError(
    'PEER_TOO_SLOW',
    `${peerId} left a message under way for ${windowMs} ms without moving it. The stream is closed; open it again and continue.`,
  )
}

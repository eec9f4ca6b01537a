import { ERROR_CODES, type ErrorCode } from './error-codes.ts'

/** Facts about a failure that a program or a log may use. Never keys, tokens or plaintext. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>

export interface OrlopErrorOptions {
  details?: ErrorDetails
  cause?: unknown
}

/**
 * The one error type of Orlop's public functions. Programs branch on {@link OrlopError.code}; people read the message, which
 * says what happened to what, and what to do next. Misuse by the programmer stays `TypeError` and `RangeError`.
 */
export class OrlopError extends Error {
  override readonly name: string = 'OrlopError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  /** @param message - one or two sentences: what happened to what, and the next step. */
  constructor(code: ErrorCode, message: string, options: OrlopErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  /** True when the caller's request itself was wrong (the command line exits with 2). */
  get isUsage(): boolean {
    return ERROR_CODES[this.code].usage
  }

  /** True when the same call may succeed later without a change. */
  get isRetryable(): boolean {
    return ERROR_CODES[this.code].retry
  }
}

/** A failure that a peer reported. Its message is the peer's; `nodeId` says whose (0 where the peer is not known yet). */
export class RemoteError extends OrlopError {
  override readonly name = 'RemoteError'
  readonly nodeId: number

  constructor(code: ErrorCode, message: string, nodeId: number, details: ErrorDetails = {}) {
    super(code, message, { details })
    this.nodeId = nodeId
  }
}

/** Whether `error` is an {@link OrlopError}, and of `code` where one is given. */
export function isOrlopError(error: unknown, code?: ErrorCode): error is OrlopError {
  return error instanceof OrlopError && (code === undefined || error.code === code)
}

/** Throws an `ABORTED` error when the caller has given up; `what` names the work that stops. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted !== true) return
  throw new OrlopError('ABORTED', `${what} was stopped on request. Start it again to continue.`, {
    cause: signal.reason,
  })
}

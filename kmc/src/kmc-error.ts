/**
 * Every code of the key management centre's errors, with whether the same call can succeed later unchanged.
 * `docs/keys.md` has the table; a test compares the two.
 */
export const KMC_ERROR_CODES = {
  ALREADY_EXISTS: { retry: false },
  APP_REVOKED: { retry: false },
  AUDIT_BAD: { retry: false },
  BACKUP_DAMAGED: { retry: false },
  BACKUP_OUTDATED: { retry: false },
  BACKUP_UNREACHABLE: { retry: true },
  CARD_UNAVAILABLE: { retry: true },
  CENTRE_SEALED: { retry: true },
  CENTRE_UNREACHABLE: { retry: true },
  CERTIFICATE_REFUSED: { retry: false },
  CONFIG_INVALID: { retry: false },
  CONFLICT: { retry: true },
  INTERNAL: { retry: false },
  KEY_STATE: { retry: false },
  LEDGER_UNREACHABLE: { retry: true },
  NOT_ALLOWED: { retry: false },
  NOT_AUTHENTIC: { retry: false },
  NOT_FOUND: { retry: false },
  NOT_EMPTY: { retry: false },
  QUOTA_EXCEEDED: { retry: true },
  RANDOM_NOT_TESTED: { retry: true },
  RANDOM_REFUSED: { retry: false },
  REQUEST_EXPIRED: { retry: false },
  REQUEST_INVALID: { retry: false },
  REQUEST_REPLAYED: { retry: false },
  ROOT_EXISTS: { retry: false },
  ROOT_MISMATCH: { retry: false },
  ROW_TAMPERED: { retry: false },
  SHARE_REFUSED: { retry: false },
  STORE_CLOSED: { retry: true },
  STORE_FAILED: { retry: false },
  STORE_FULL: { retry: true },
  STORE_LOCKED: { retry: true },
  STORE_NO_QUORUM: { retry: true },
  STORE_OUTCOME_UNKNOWN: { retry: false },
  STORE_REFUSED: { retry: false },
  STORE_ROLLED_BACK: { retry: false },
  STORE_TOO_LARGE: { retry: false },
  STORE_UNREACHABLE: { retry: true },
  STORE_WRONG_CLUSTER: { retry: false },
} as const

export type KmcErrorCode = keyof typeof KMC_ERROR_CODES

/** Facts about a failure for programs. Never keys, shares or plaintext. */
export type KmcErrorDetails = Readonly<Record<string, string | number | boolean>>

export interface KmcErrorOptions {
  details?: KmcErrorDetails
  cause?: unknown
}

/** A failure of the key management centre. The message says what happened to what, and what to do next. */
export class KmcError extends Error {
  override readonly name = 'KmcError'
  readonly code: KmcErrorCode
  readonly details: KmcErrorDetails

  constructor(code: KmcErrorCode, message: string, options: KmcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  /** True when the same call may succeed later without a change. */
  get isRetryable(): boolean {
    return KMC_ERROR_CODES[this.code].retry
  }
}

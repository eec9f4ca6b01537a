import { CryptoError } from '@orlop/crypto/errors'
import { OrlopError } from '@orlop/protocol/errors'
import type { ErrorDetails } from '@orlop/protocol/errors'
import type { ErrorCode } from '@orlop/protocol/error-codes'

/** An error as plain data, which is all that crosses from one thread to another. */
export interface ErrorRecord {
  readonly code: ErrorCode
  readonly message: string
  readonly details: ErrorDetails
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  AUTHENTICATION_FAILED: 'OBJECT_DAMAGED',
  MALFORMED: 'OBJECT_DAMAGED',
  TRUNCATED: 'OBJECT_DAMAGED',
  UNSUPPORTED: 'VERSION_UNSUPPORTED',
  LIMIT_EXCEEDED: 'LIMIT_EXCEEDED',
  KEY_MISMATCH: 'WRONG_KEY',
}

/** What went wrong with sealed bytes, in the words of the SDK; errors of ours stay as they are. */
export function toOrlopError(error: unknown): OrlopError {
  if (error instanceof OrlopError) return error
  if (error instanceof CryptoError) {
    return new OrlopError(CODES[error.code] ?? 'INTERNAL', sentence(error.message), {
      cause: error,
    })
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown reason'
  return new OrlopError(
    'INTERNAL',
    `Work on the object's bytes failed (${reason}). Please report it.`,
    {
      cause: error,
    },
  )
}

export function toErrorRecord(error: unknown): ErrorRecord {
  const { code, message, details } = toOrlopError(error)
  return { code, message, details }
}

export function fromErrorRecord(record: ErrorRecord): OrlopError {
  return new OrlopError(record.code, record.message, { details: record.details })
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

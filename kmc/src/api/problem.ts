import { STATUS_CODES } from 'node:http'
import * as z from 'zod'
import { KMC_ERROR_CODES, KmcError, type KmcErrorCode } from '../kmc-error.ts'

export const PROBLEM_TYPE = 'application/problem+json'

const codes = Object.keys(KMC_ERROR_CODES) as [KmcErrorCode, ...KmcErrorCode[]]

/** RFC 9457, `application/problem+json`. */
export const problemJson = z.object({
  /** `urn:orlop:kmc-error:` and the code; see `docs/keys.md`. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.enum(codes),
  /** Facts for programs. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

export type Problem = z.output<typeof problemJson>

/** HTTP status of what the caller can do something about; all else is 500. */
const STATUS_OF: Readonly<Partial<Record<KmcErrorCode, number>>> = {
  ALREADY_EXISTS: 409,
  APP_REVOKED: 403,
  BACKUP_DAMAGED: 409,
  BACKUP_OUTDATED: 409,
  BACKUP_UNREACHABLE: 409,
  CARD_UNAVAILABLE: 503,
  CENTRE_SEALED: 503,
  CERTIFICATE_REFUSED: 403,
  CONFIG_INVALID: 409,
  CONFLICT: 503,
  KEY_STATE: 409,
  LEDGER_UNREACHABLE: 503,
  NOT_ALLOWED: 403,
  NOT_AUTHENTIC: 422,
  NOT_EMPTY: 409,
  NOT_FOUND: 404,
  QUOTA_EXCEEDED: 429,
  RANDOM_NOT_TESTED: 503,
  RANDOM_REFUSED: 503,
  REQUEST_EXPIRED: 403,
  REQUEST_INVALID: 400,
  REQUEST_REPLAYED: 409,
  SHARE_REFUSED: 400,
  STORE_CLOSED: 503,
  STORE_FULL: 503,
  STORE_NO_QUORUM: 503,
  STORE_OUTCOME_UNKNOWN: 503,
  STORE_UNREACHABLE: 503,
}

const OWN_FAILURE =
  'The centre failed at this request. Try again; if it stays so, tell its operator, whose log has the reason.'

/** A refusal whose HTTP status is not the one that its code usually has. */
export class HttpRefusal extends KmcError {
  readonly status: number

  constructor(status: number, code: KmcErrorCode, message: string) {
    super(code, message)
    this.status = status
  }
}

/** A failure as a problem document. What is no refusal of the centre's says nothing of itself. @param error - anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HttpRefusal) return problem(error.status, error)
  if (error instanceof KmcError) return problem(STATUS_OF[error.code] ?? 500, error)
  // What express itself refuses: a body that is no JSON, an address that is not well-formed.
  const status = statusOf(error)
  if (status < 400 || status > 499) return problem(500, new KmcError('INTERNAL', OWN_FAILURE))
  const what = status === 413 ? 'has a body that is too long' : 'is not well-formed'
  const message = `The request ${what}. See /openapi.json for what can be asked.`
  return problem(status, new KmcError('REQUEST_INVALID', message))
}

function problem(status: number, { code, message, details }: KmcError): Problem {
  return {
    type: `urn:orlop:kmc-error:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    code,
    details,
  }
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 500
}

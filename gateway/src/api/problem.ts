import { STATUS_CODES } from 'node:http'
import type { ApiProblem } from '@orlop/protocol/api/service'
import type { ErrorCode } from '@orlop/protocol/error-codes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { HttpRefusal } from './http-refusal.ts'

/** HTTP status of the codes that may be shown; every other one is the gateway's own failure. */
const STATUS_OF: Readonly<Partial<Record<ErrorCode, number>>> = {
  USAGE: 400,
  OBJECT_NOT_FOUND: 404,
  NOT_FOUND: 404,
  PEER_LIMIT: 429,
  LEDGER_UNREACHABLE: 503,
  LEDGER_MISMATCH: 503,
}

/** What is said of failures that are not the caller's business: their own words may name files of the operator. */
const OWN_FAILURE =
  'The gateway failed at this request. Try again; if it stays so, tell its operator, whose log has the reason.'

/**
 * A failure as an RFC 9457 problem document. Only refusals say their own words; whatever else went wrong is `INTERNAL`.
 *
 * @param error - anything that was thrown.
 */
export function problemOf(error: unknown): ApiProblem {
  const { code, status, detail } = meaningOf(error)
  return {
    type: `urn:orlop:error:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
  }
}

function meaningOf(error: unknown): Pick<ApiProblem, 'code' | 'status' | 'detail'> {
  if (error instanceof HttpRefusal)
    return { code: error.code, status: error.status, detail: error.message }
  if (isOrlopError(error)) {
    const status = STATUS_OF[error.code]
    if (status !== undefined) return { code: error.code, status, detail: error.message }
  }
  // What express itself refuses: a path that is not well-formed, a range that no file has.
  const status = statusOf(error)
  if (status >= 400 && status < 500)
    return {
      code: status === 404 ? 'NOT_FOUND' : 'USAGE',
      status,
      detail: 'The request is not well-formed. See /openapi.json for what can be asked.',
    }
  return { code: 'INTERNAL', status: 500, detail: OWN_FAILURE }
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 500
}

/** `what` is not there. @param what - such as "node 7". */
export function notFound(what: string): OrlopError {
  return new OrlopError(
    'NOT_FOUND',
    `The index has no ${what}. Check what you ask for; what was recorded a moment ago may need a few seconds.`,
  )
}

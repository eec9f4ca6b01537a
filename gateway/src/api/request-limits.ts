import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { OrlopError } from '@orlop/protocol/errors'
import { HttpRefusal } from './http-refusal.ts'

/** Longest path and query that are looked at, in characters: every answer can be asked for in much fewer. */
export const MAX_URL_CHARACTERS = 2048
const WINDOW_MS = 60_000

/** Refuses long addresses and requests that bring a body: nothing here takes one. */
export const boundedRequest: RequestHandler = (request, response, next) => {
  if (request.originalUrl.length > MAX_URL_CHARACTERS) {
    throw new HttpRefusal(
      'LIMIT_EXCEEDED',
      `The address is longer than ${MAX_URL_CHARACTERS} characters. Ask for less at a time.`,
      { status: 414 },
    )
  }
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (length !== '0' || encoding !== undefined) {
    // What is still on its way is not read.
    response.set('Connection', 'close')
    throw new HttpRefusal('LIMIT_EXCEEDED', 'No request takes a body here. Send none.', {
      status: 413,
    })
  }
  next()
}

/** Bounds what one address (of IPv6, one network) may ask in a minute. */
export function requestRateLimit(requestsPerMinute: number): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Whether forwarded addresses count is the operator's word (`--trust-proxy`).
    validate: false,
    handler: (_request, _response, next) => {
      next(
        new OrlopError(
          'PEER_LIMIT',
          `More than ${requestsPerMinute} requests came from your address within a minute. Wait as long as Retry-After says.`,
        ),
      )
    },
  })
}

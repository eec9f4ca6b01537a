import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { KmcError } from '../kmc-error.ts'
import { peerOfResponse } from './known-peer.ts'
import { HttpRefusal } from './problem.ts'

const MAX_URL_CHARACTERS = 2048
const WINDOW_MS = 60_000

/** Refuses addresses that are longer than any that the centre has. */
export const boundedAddress: RequestHandler = (request, _response, next) => {
  if (request.originalUrl.length <= MAX_URL_CHARACTERS) {
    next()
    return
  }
  throw new HttpRefusal(
    414,
    'REQUEST_INVALID',
    `The address is longer than ${MAX_URL_CHARACTERS} characters. See /openapi.json.`,
  )
}

/** Bounds what the owner of certificates may ask in a minute: renewing them gives nobody more. */
export function requestRateLimit(requestsPerMinute: number): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: requestsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    keyGenerator: (_request, response) => {
      const { role, name } = peerOfResponse(response as never)
      return `${role}/${name}`
    },
    handler: (_request, _response, next) => {
      next(
        new KmcError(
          'QUOTA_EXCEEDED',
          `More than ${requestsPerMinute} requests came with certificates for your role and name within a minute. Wait as long as Retry-After says.`,
          { details: { requestsPerMinute } },
        ),
      )
    },
  })
}

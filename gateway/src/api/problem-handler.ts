import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from '@orlop/protocol/logger'
import { HttpRefusal } from './http-refusal.ts'
import { notFound, problemOf } from './problem.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** Answers every failure with a problem document, and logs those that are the gateway's own. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const problem = problemOf(error)
    if (problem.status >= 500) {
      logger.error({ err: error, method: request.method }, 'a request failed')
    }
    if (error instanceof HttpRefusal) response.set(error.headers)
    response
      .status(problem.status)
      .set('Cache-Control', 'no-store')
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(problem))
  }
}

/** Where nothing else answered. */
export const nothingHere: RequestHandler = () => {
  throw notFound('page or answer at this address')
}

/** The gateway reads; everything that changes something is signed and goes to nodes. */
export const onlyReading: RequestHandler = (request, _response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') {
    next()
    return
  }
  throw new HttpRefusal(
    'USAGE',
    'Only GET and HEAD are answered. What changes something is signed by a client and goes to a node.',
    // A body that is still on its way is not read.
    { status: 405, headers: { Allow: 'GET, HEAD, OPTIONS', Connection: 'close' } },
  )
}

import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from '@orlop/protocol/logger'
import { KmcError } from '../kmc-error.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'

/** Answers every failure with a problem document, and logs those that are the centre's own. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const problem = problemOf(error)
    if (problem.status >= 500) {
      logger.error({ error: described(error), method: request.method }, 'a request failed')
    }
    response.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
  }
}

/** Where nothing else answered. */
export const nothingHere: RequestHandler = () => {
  throw new KmcError('NOT_FOUND', 'There is nothing at this address. See /openapi.json.')
}

/** What a log may know of a failure: where it came from, and no values that passed through. */
function described(error: unknown): object {
  if (!(error instanceof Error)) return { name: 'unknown' }
  const { name, stack = '' } = error
  const code = error instanceof KmcError ? error.code : 'INTERNAL'
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  const cause = error.cause === undefined ? {} : { cause: described(error.cause) }
  return { name, code, stack: frames.join('\n'), ...cause }
}

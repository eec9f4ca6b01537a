import express, { type Router } from 'express'
import { API_ROUTES, type ApiRouteName } from '@orlop/protocol/api/routes'
import { apiHandlers, type ApiParts } from './api-handlers.ts'
import { parseRequest } from './parse-request.ts'

/** Parameters and query are of the handler's own route: both came through that route's schemas. */
type Handle = (params: unknown, query: unknown, origin: string) => object

/** Every route of `API_ROUTES`, checked on its way in by the schemas that the OpenAPI document is made from. */
export function apiRouter(parts: ApiParts): Router {
  const router = express.Router()
  const handlers = apiHandlers(parts)
  for (const name of Object.keys(API_ROUTES) as ApiRouteName[]) {
    const handle = handlers[name] as Handle
    router.get(expressPath(name), (request, response) => {
      const { params, query } = parseRequest(name, request)
      const answer = handle(params, query, `${request.protocol}://${request.host}`)
      // Ask again each time, but send it only when it has changed (express compares its ETag).
      response.set('Cache-Control', 'no-cache').status(statusOf(answer)).json(answer)
    })
  }
  return router
}

function expressPath(name: ApiRouteName): string {
  return API_ROUTES[name].path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** Watchers of `health` look at the status alone. */
function statusOf(answer: object): number {
  return 'status' in answer &&
    (answer.status === 'ledger-unreachable' || answer.status === 'ledger-mismatch')
    ? 503
    : 200
}

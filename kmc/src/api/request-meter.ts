import type { RequestHandler } from 'express'
import type { Logger } from '@orlop/protocol/logger'

/** What is counted of requests. */
export interface HttpMeter {
  /** @param route - the route's path with its parameters unnamed, never what was asked. */
  request(route: string, status: number, seconds: number): void
}

/** Counts and logs every request by its route; what was asked for stays out of both. */
export function requestMeter(meter: HttpMeter, logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now()
    response.once('close', () => {
      const seconds = (performance.now() - startedMs) / 1000
      const route = routeOf(request.route)
      const { statusCode: status } = response
      meter.request(route, status, seconds)
      logger.debug({ method: request.method, route, status, seconds }, 'request')
    })
    next()
  }
}

/** Unknown addresses share one name: names come from routes only, so that their number is bounded. */
function routeOf(route: unknown): string {
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : null
  return typeof path === 'string' ? path : 'none'
}

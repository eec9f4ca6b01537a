import express, { type Express, type Router } from 'express'
import helmet from 'helmet'
import type { Logger } from '@orlop/protocol/logger'
import { type PeerOf, knownPeer } from './known-peer.ts'
import { nothingHere, problemHandler } from './problem-handler.ts'
import { boundedAddress, requestRateLimit } from './request-limits.ts'
import { type HttpMeter, requestMeter } from './request-meter.ts'

/** What {@link createApp} needs. */
export interface AppParts {
  /** What is served, in order. */
  readonly routers: readonly Router[]
  /** The OpenAPI document of all of it. */
  readonly openApi: object
  readonly peerOf: PeerOf
  readonly meter: HttpMeter
  readonly metrics: () => Promise<{ text: string; contentType: string }>
  readonly logger: Logger
  /** Of one certificate. */
  readonly requestsPerMinute: number
}

/** The centre's HTTP side. It does not listen by itself, and knows nothing of TLS but `peerOf`. */
export function createApp(parts: AppParts): Express {
  const { routers, openApi, peerOf, meter, metrics, logger, requestsPerMinute } = parts
  const app = express()
  app.disable('x-powered-by')
  // Nothing that is answered may be kept by anybody in between.
  app.set('etag', false)
  app.use(requestMeter(meter, logger))
  app.use(helmet())
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  app.use(boundedAddress)
  app.use(knownPeer(peerOf))
  app.use(requestRateLimit(requestsPerMinute))
  for (const router of routers) app.use(router)
  app.get('/openapi.json', (_request, response) => {
    response.json(openApi)
  })
  app.get('/metrics', async (_request, response) => {
    const { text, contentType } = await metrics()
    response.type(contentType).send(text)
  })
  app.use(nothingHere)
  app.use(problemHandler(logger))
  return app
}

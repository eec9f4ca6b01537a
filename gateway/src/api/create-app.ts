import compression from 'compression'
import cors from 'cors'
import express, { type Express } from 'express'
import { API_EVENTS_PATH } from '@orlop/protocol/api/routes'
import type { Logger } from '@orlop/protocol/logger'
import { type ApiParts } from './api-handlers.ts'
import { apiRouter } from './api-router.ts'
import type { EventStreams } from './event-streams.ts'
import type { HttpMeter } from './http-meter.ts'
import { openApiDocument } from './openapi.ts'
import { nothingHere, onlyReading, problemHandler } from './problem-handler.ts'
import { boundedRequest, requestRateLimit } from './request-limits.ts'
import { requestMeter } from './request-meter.ts'
import { securityHeaders } from './security-headers.ts'
import { staticPages } from './static-pages.ts'

export interface AppParts extends ApiParts {
  events: EventStreams
  meter: HttpMeter
  metrics: () => Promise<{ text: string; contentType: string }>
  logger: Logger
}

export interface AppOptions {
  version: string
  /** Folder of the explorer's built pages. */
  pagesFolder: string
  /** Origins whose pages may read the API, such as `https://fleet.example`; `*` for every one. */
  allowedOrigins: readonly string[]
  /** Of one address. */
  requestsPerMinute: number
  /** Proxies in front whose word on the caller's address counts. */
  trustedProxies: number
}

/** The gateway's HTTP side: API, live events, metrics, pages. It does not listen by itself. */
export function createApp(parts: AppParts, options: AppOptions): Express {
  const { deployment, events, logger, meter } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', options.trustedProxies)
  app.use(requestMeter(meter, logger))
  app.use(securityHeaders(deployment.rpcUrl === null ? null : new URL(deployment.rpcUrl).origin))
  app.use(boundedRequest)
  app.use(cors(corsOptions(options.allowedOrigins)))
  app.use(onlyReading)
  app.use(['/v1', '/openapi.json', '/metrics'], requestRateLimit(options.requestsPerMinute))
  // Before compression, which would hold events back.
  app.get(API_EVENTS_PATH, (request, response) => {
    events.open(request, response)
  })
  app.use(compression())
  app.use(apiRouter(parts))
  const openApi = openApiDocument(options.version)
  app.get('/openapi.json', (_request, response) => {
    response.set('Cache-Control', 'no-cache').json(openApi)
  })
  app.get('/metrics', async (_request, response) => {
    const { text, contentType } = await parts.metrics()
    response.set('Cache-Control', 'no-store').type(contentType).send(text)
  })
  app.use('/v1', nothingHere)
  app.use(staticPages(options.pagesFolder))
  app.use(nothingHere)
  app.use(problemHandler(logger))
  return app
}

function corsOptions(allowedOrigins: readonly string[]): cors.CorsOptions {
  const origin = allowedOrigins.includes('*') ? '*' : [...allowedOrigins]
  return { origin, methods: ['GET', 'HEAD'], maxAge: 600 }
}

import compression from 'compression'
import cors from 'cors'
import express, { type Express } from 'express'
import { API_EVENTS_PATH } from '@orlop/protocol/api/routes'
import type { Logger } from '@orlop/protocol/logger'
import { type ApiParts } from './api-handlers.ts'
import { apiRouter } from './api-router.ts'
import type { EventStreams } from './event-streams.ts'
import type { HttpMeter } from './http-meter.ts'
import {
  LEDGER_FORWARD_PATH,
  type LedgerForwarder,
  MAX_LEDGER_REQUEST_BYTES,
} from './ledger-forwarder.ts'
import { openApiDocument } from './openapi.ts'
import { nothingHere, onlyReading, problemHandler } from './problem-handler.ts'
import { boundedRequest, requestRateLimit } from './request-limits.ts'
import { requestMeter } from './request-meter.ts'
import { securityHeaders } from './security-headers.ts'
import { staticPages } from './static-pages.ts'
import { vaultPages } from './vault-pages.ts'

export interface AppParts extends ApiParts {
  events: EventStreams
  meter: HttpMeter
  metrics: () => Promise<{ text: string; contentType: string }>
  /** Asks the ledger for browsers; null where they ask it themselves or not at all. */
  forwarder: LedgerForwarder | null
  logger: Logger
}

export interface AppOptions {
  version: string
  /** Where pages may ask the ledger themselves; null for nowhere. */
  ledgerOrigin: string | null
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
  const { events, forwarder, logger, meter } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', options.trustedProxies)
  app.use(requestMeter(meter, logger))
  app.use(securityHeaders(options.ledgerOrigin))
  app.use(cors(corsOptions(options.allowedOrigins)))
  app.use(['/v1', '/openapi.json', '/metrics'], requestRateLimit(options.requestsPerMinute))
  if (forwarder !== null) {
    // The one address that takes a body.
    const body = express.json({ limit: MAX_LEDGER_REQUEST_BYTES })
    app.post(LEDGER_FORWARD_PATH, body, async (request, response) => {
      response.set('Cache-Control', 'no-store').json(await forwarder.answer(request.body))
    })
  }
  app.use(onlyReading)
  app.use(boundedRequest)
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
  app.use(vaultPages(options.pagesFolder))
  app.use(staticPages(options.pagesFolder))
  app.use(nothingHere)
  app.use(problemHandler(logger))
  return app
}

function corsOptions(allowedOrigins: readonly string[]): cors.CorsOptions {
  const origin = allowedOrigins.includes('*') ? '*' : [...allowedOrigins]
  return { origin, methods: ['GET', 'HEAD', 'POST'], maxAge: 600 }
}

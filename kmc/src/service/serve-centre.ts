import type { IncomingMessage, RequestListener } from 'node:http'
import type { Logger } from '@orlop/protocol/logger'
import { centreHandlers } from '../api/centre-handlers.ts'
import type { CentreMetrics } from '../api/centre-metrics.ts'
import { certificateHandlers } from '../api/certificate-handlers.ts'
import { CERTIFICATE_ROUTES } from '../api/certificate-routes.ts'
import { CENTRE_ROUTES } from '../api/centre-routes.ts'
import { CENTRE_SCHEMAS } from '../api/centre-values.ts'
import { createApp } from '../api/create-app.ts'
import { openApiDocument } from '../api/openapi.ts'
import { routerOf } from '../api/router-of.ts'
import type { Certificates } from '../certificates/certificates.ts'
import { type Peer, refused } from '../certificates/peer.ts'
import { KmcError } from '../kmc-error.ts'
import type { OpenedPlatform } from '../platform/open-platform.ts'
import { PLATFORM_ROUTES } from '../platform/platform-routes.ts'
import { RAW_PATHS } from '../platform/raw-paths.ts'
import type { OpenedCentre } from './open-centre.ts'
import { peerCertificate } from './tls-server.ts'

/** All that a centre is asked. */
const ROUTES = { ...CENTRE_ROUTES, ...CERTIFICATE_ROUTES, ...PLATFORM_ROUTES } as const

export interface ServeOptions {
  readonly platform: OpenedPlatform
  readonly metrics: CentreMetrics
  readonly logger: Logger
  /** Of one certificate. */
  readonly requestsPerMinute: number
}

/** All that a centre serves, for the TLS server. */
export function serveCentre(opened: OpenedCentre, options: ServeOptions): RequestListener {
  const { metrics, platform } = options
  const { certificates, centre, version } = opened
  metrics.watch(centre.seal, centre.random)
  return createApp({
    ...options,
    routers: [
      routerOf(CENTRE_ROUTES, centreHandlers(opened)),
      routerOf(CERTIFICATE_ROUTES, certificateHandlers(certificates)),
      ...platform.routers,
    ],
    openApi: openApiDocument(ROUTES, { version, named: CENTRE_SCHEMAS, otherPaths: RAW_PATHS }),
    peerOf: (request) => authenticated(certificates, metrics, request),
    meter: metrics,
    metrics: () => metrics.exposition(),
  })
}

async function authenticated(
  certificates: Certificates,
  metrics: CentreMetrics,
  request: IncomingMessage,
): Promise<Peer> {
  const certificate = peerCertificate(request)
  try {
    if (certificate === null) throw refused('malformed', 'is missing')
    return await certificates.authenticate(certificate)
  } catch (error) {
    if (error instanceof KmcError && error.code === 'CERTIFICATE_REFUSED') {
      metrics.certificateRefused()
    }
    throw error
  }
}

import { createServer } from 'node:http'
import express from 'express'
import { OrlopError } from '@orlop/protocol/errors'
import { listenAt } from '@orlop/transport/serving'
import type { HealthReport } from '../network/health.ts'

export interface AdminServerParts {
  /** In Prometheus' text format. */
  metrics: () => Promise<{ text: string; contentType: string }>
  health: () => Promise<HealthReport>
}

export interface AdminServer {
  readonly port: number
  stop(): Promise<void>
}

const HOST = '127.0.0.1'

/**
 * Serves `/metrics` and `/health` on this machine only.
 *
 * @param port - 0 for any free one.
 * @throws OrlopError `CONFIG_INVALID` when the port is taken.
 */
export async function startAdminServer(
  parts: AdminServerParts,
  port: number,
): Promise<AdminServer> {
  const app = express()
  app.disable('x-powered-by')
  app.get('/metrics', async (_request, response) => {
    const { text, contentType } = await parts.metrics()
    response.type(contentType).send(text)
  })
  app.get('/health', async (_request, response) => {
    const report = await parts.health()
    response.status(report.ok ? 200 : 503).json(report)
  })
  const server = createServer(app)
  const place = { host: HOST, port }
  return {
    port: await listenAt(
      server,
      place,
      (shown, cause) =>
        new OrlopError(
          'CONFIG_INVALID',
          `Metrics cannot be served at ${shown}. Choose a port that is free, or 0.`,
          { cause },
        ),
    ),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

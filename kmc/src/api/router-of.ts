import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import * as z from 'zod'
import { onlyFor, peerOfResponse } from './known-peer.ts'
import { parseCall } from './parse-call.ts'
import { HttpRefusal } from './problem.ts'
import type { Handlers, Route, Routes } from './route.ts'

const MAX_BODY_BYTES = 64 * 1024

/** Call and answer are of the handler's own route: both pass through that route's schemas. */
type Handle = (call: unknown) => Promise<unknown>

/** Routes with what answers them, each checked on its way in and out by the schemas that the OpenAPI document is made from. */
export function routerOf<T extends Routes>(routes: T, handlers: Handlers<T>): Router {
  const router = express.Router()
  for (const [name, route] of Object.entries(routes)) {
    const handle = handlers[name] as Handle
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    const take = takeBody(route)
    router[route.method](path, onlyFor(route.roles), take, async (request, response) => {
      await answer({ route, handle, request, response })
    })
  }
  return router
}

interface Exchange {
  readonly route: Route
  readonly handle: Handle
  readonly request: Request
  readonly response: Response
}

async function answer({ route, handle, request, response }: Exchange): Promise<void> {
  const call = parseCall(route, request, peerOfResponse(response))
  const body = z.encode(route.answer, (await handle(call)) as never) as object
  response.status(statusOf(body)).json(body)
}

function takeBody({ body, maxBodyBytes }: Route): RequestHandler {
  if (body !== null) return express.json({ limit: maxBodyBytes ?? MAX_BODY_BYTES })
  return (request, response, next) => {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
    if (length === '0' && encoding === undefined) {
      next()
      return
    }
    // What is still on its way is not read.
    response.set('Connection', 'close')
    throw new HttpRefusal(413, 'REQUEST_INVALID', 'This request takes no body. Send none.')
  }
}

/** Watchers of `health` look at the status alone. */
function statusOf(body: object): number {
  return 'status' in body && typeof body.status === 'string' && body.status !== 'ok' ? 503 : 200
}

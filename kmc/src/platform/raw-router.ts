import express, { type Request, type Router } from 'express'
import { onlyFor, peerOfResponse } from '../api/known-peer.ts'
import { HttpRefusal } from '../api/problem.ts'
import { CERTIFICATE_ROLES } from '../certificates/certificate-roles.ts'
import { MAX_QUERY_BYTES } from '../timestamps/timestamp-query.ts'
import type { Timestamps } from '../timestamps/timestamps.ts'
import { callerOf } from './platform-handlers.ts'
import { HASH_ALGORITHMS, type Platform } from './platform.ts'

/** Most bytes that are hashed in one stream. */
export const MAX_STREAM_BYTES = 1024 * 1024 * 1024

export const HASH_STREAM_PATH = '/v1/platform/hash/{algorithm}'
export const TIMESTAMPS_PATH = '/v1/timestamps'
/** RFC 3161 section 3.4. */
const QUERY_TYPE = 'application/timestamp-query'
const REPLY_TYPE = 'application/timestamp-reply'
const STREAM_TYPE = 'application/octet-stream'

/** What takes or gives other things than JSON: digests of streams, and timestamps. */
export function rawRouter(platform: Platform, timestamps: Timestamps): Router {
  const router = express.Router()
  router.post(
    HASH_STREAM_PATH.replace('{algorithm}', ':algorithm'),
    onlyFor(['application']),
    async (request, response) => {
      // When it is refused in the middle, the rest is not read.
      response.set('Connection', 'close')
      const caller = callerOf(peerOfResponse(response))
      const digest = await platform.hash(caller, algorithmOf(request), streamOf(request))
      response.json({ digest: Buffer.from(digest).toString('base64') })
    },
  )
  router.post(
    TIMESTAMPS_PATH,
    onlyFor(CERTIFICATE_ROLES),
    express.raw({ type: QUERY_TYPE, limit: MAX_QUERY_BYTES }),
    async (request, response) => {
      const query: unknown = request.body
      if (!(query instanceof Uint8Array)) throw wrongType(QUERY_TYPE)
      response.type(REPLY_TYPE).send(Buffer.from(await timestamps.answer(query)))
    },
  )
  return router
}

function algorithmOf({ params }: Request): (typeof HASH_ALGORITHMS)[number] {
  const algorithm = HASH_ALGORITHMS.find((one) => one === params['algorithm'])
  if (algorithm !== undefined) return algorithm
  throw new HttpRefusal(
    404,
    'NOT_FOUND',
    `There is no such digest here; there are ${HASH_ALGORITHMS.join(', ')}.`,
  )
}

async function* streamOf(request: Request): AsyncGenerator<Uint8Array> {
  if (request.is(STREAM_TYPE) === false) throw wrongType(STREAM_TYPE)
  let total = 0
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    total += piece.length
    if (total > MAX_STREAM_BYTES) {
      throw new HttpRefusal(
        413,
        'REQUEST_INVALID',
        `A stream has at most ${MAX_STREAM_BYTES} bytes. Hash on your own machine what is longer.`,
      )
    }
    yield piece
  }
}

function wrongType(type: string): HttpRefusal {
  return new HttpRefusal(
    415,
    'REQUEST_INVALID',
    `The body must be of the type ${type}; say so in Content-Type.`,
  )
}

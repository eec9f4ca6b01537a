import type { Request } from 'express'
import type * as z from 'zod'
import type { Peer } from '../certificates/peer.ts'
import { KmcError } from '../kmc-error.ts'
import type { Call, Route } from './route.ts'

/** Mistakes that one refusal names, and how much of each. */
const MAX_MISTAKES = 5
const MAX_MISTAKE_CHARACTERS = 200

/** What a request asks, by its route's schemas. @throws KmcError `REQUEST_INVALID` names each mistake, and repeats no value. */
export function parseCall<R extends Route>(
  { params, query, body }: R,
  request: Pick<Request, 'params' | 'query' | 'body'>,
  peer: Peer,
): Call<R> {
  return {
    peer,
    params: parse(params, request.params, 'address'),
    query: parse(query, request.query, 'query'),
    body: body === null ? null : parse(body, request.body, 'body'),
  } as Call<R>
}

function parse(schema: z.ZodType, value: unknown, what: string): unknown {
  const parsed = schema.safeParse(value ?? {})
  if (parsed.success) return parsed.data
  const mistakes = parsed.error.issues
    .slice(0, MAX_MISTAKES)
    .map(({ path, message }) =>
      `${path.length === 0 ? what : path.join('.')}: ${message}`.slice(0, MAX_MISTAKE_CHARACTERS),
    )
  throw new KmcError(
    'REQUEST_INVALID',
    `The ${what} cannot be understood. ${mistakes.join('; ')}. See /openapi.json for what can be asked.`,
  )
}

import type { Request } from 'express'
import type { z } from 'zod'
import {
  API_ROUTES,
  type ApiParams,
  type ApiQuery,
  type ApiRouteName,
} from '@orlop/protocol/api/routes'
import { OrlopError } from '@orlop/protocol/errors'

/** Mistakes that one refusal names, and how much of each. */
const MAX_MISTAKES = 5
const MAX_MISTAKE_CHARACTERS = 200

export interface ParsedRequest<N extends ApiRouteName> {
  params: ApiParams<N>
  query: ApiQuery<N>
}

/** What a request asks, by its route's schemas. @throws OrlopError `USAGE` naming each mistake. */
export function parseRequest<N extends ApiRouteName>(
  name: N,
  request: Pick<Request, 'params' | 'query'>,
): ParsedRequest<N> {
  const { params, query } = API_ROUTES[name]
  return {
    params: parse(params, request.params, 'address') as ApiParams<N>,
    query: parse(query, request.query, 'query') as ApiQuery<N>,
  }
}

function parse(schema: z.ZodType, value: unknown, what: string): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const mistakes = parsed.error.issues
    .slice(0, MAX_MISTAKES)
    .map(({ path, message }) =>
      `${path.length === 0 ? what : path.join('.')}: ${message}`.slice(0, MAX_MISTAKE_CHARACTERS),
    )
  throw new OrlopError(
    'USAGE',
    `The ${what} cannot be understood. ${mistakes.join('; ')}. See /openapi.json for what can be asked.`,
  )
}

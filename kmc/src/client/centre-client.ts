import type * as z from 'zod'
import {
  CentreLink,
  CentreLinkError,
  type CentreLinkOptions,
  type CentreReply,
  type CentreRequest,
} from '@orlop/protocol/centre/centre-link'
import type { Answer, Route } from '../api/route.ts'
import { problemJson } from '../api/problem.ts'
import { KmcError } from '../kmc-error.ts'

/** What a route is asked with; what it takes nothing of is left out. */
export interface Asked<R extends Route> {
  readonly params?: z.output<R['params']>
  readonly query?: z.output<R['query']>
  readonly body?: R['body'] extends z.ZodObject ? z.output<R['body']> : undefined
}

/** Asks a key management centre over mutually authenticated TLS. */
export class CentreClient {
  readonly #link: CentreLink

  constructor(options: CentreLinkOptions) {
    this.#link = new CentreLink(options)
  }

  /**
   * Asks a route.
   *
   * @throws KmcError as the centre refuses it; `REQUEST_INVALID` already here when no centre would take it; `CENTRE_UNREACHABLE`;
   *   `CERTIFICATE_REFUSED` when it is not the centre that the identity is of.
   */
  async ask<R extends Route>(
    route: R,
    { params, query, body }: Asked<R>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Answer<R>> {
    const names = encode(route.params, params ?? {}) as Record<string, string>
    const search = new URLSearchParams(encode(route.query, query ?? {}) as Record<string, string>)
    const address = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(names[name] ?? ''),
    )
    const { status, text } = await this.#send({
      method: route.method,
      path: `${address}?${search.toString()}`,
      body: route.body === null ? null : JSON.stringify(encode(route.body, body)),
      ...options,
    })
    if (status !== 200 && !isHealth(route, status)) throw refusalOf(status, text)
    return route.answer.decode(JSON.parse(text) as never) as Answer<R>
  }

  /** Closes connections that are kept open. */
  close(): void {
    this.#link.close()
  }

  async #send(request: CentreRequest): Promise<CentreReply> {
    try {
      return await this.#link.send(request)
    } catch (cause) {
      if (!(cause instanceof CentreLinkError)) throw cause
      const isForeign = cause.reason === 'foreign'
      const code = isForeign ? 'CERTIFICATE_REFUSED' : 'CENTRE_UNREACHABLE'
      throw new KmcError(code, cause.message, { cause })
    }
  }
}

function encode(schema: z.ZodObject, value: unknown): unknown {
  const encoded = schema.safeEncode(value as never)
  if (encoded.success) return encoded.data
  const mistakes = encoded.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new KmcError('REQUEST_INVALID', `Nothing was asked of the centre. ${mistakes.join('; ')}.`)
}

/** `health` says in its answer what its status says. */
function isHealth({ path }: Route, status: number): boolean {
  return status === 503 && path.endsWith('/health')
}

function refusalOf(status: number, text: string): KmcError {
  const problem = problemJson.safeParse(parseJson(text))
  if (!problem.success) {
    return new KmcError(
      'CENTRE_UNREACHABLE',
      `What answers there is no centre of this version (HTTP ${status}). Check the address.`,
    )
  }
  const { code, detail, details } = problem.data
  return new KmcError(code, detail, { details })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

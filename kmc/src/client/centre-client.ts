import { X509Certificate } from 'node:crypto'
import { Agent, request } from 'node:https'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import * as z from 'zod'
import type { Answer, Route } from '../api/route.ts'
import { problemJson } from '../api/problem.ts'
import { KmcError } from '../kmc-error.ts'
import type { Identity } from './identity.ts'

/** Longest that an answer is waited for: the test of a random source takes the longest. */
const TIMEOUT_MS = 60_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** What TLS says of a certificate that is not to be trusted begins so, but for that of a wrong name. */
const DISTRUST =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/

/** What a route is asked with; what it takes nothing of is left out. */
export interface Asked<R extends Route> {
  readonly params?: z.output<R['params']>
  readonly query?: z.output<R['query']>
  readonly body?: R['body'] extends z.ZodObject ? z.output<R['body']> : undefined
}

export interface CentreClientOptions {
  /** Where the centre serves: `https://…`. */
  readonly url: string
  readonly identity: Identity
}

/** Asks a key management centre over mutually authenticated TLS. */
export class CentreClient {
  readonly #url: URL
  readonly #agent: Agent

  constructor({ url, identity }: CentreClientOptions) {
    this.#url = new URL(url)
    this.#agent = new Agent({
      keepAlive: true,
      key: identity.privateKey,
      cert: identity.certificate,
      ca: identity.authority,
      minVersion: 'TLSv1.3',
      checkServerIdentity: assertCentre,
    })
  }

  /**
   * Asks a route.
   *
   * @throws KmcError as the centre refuses it; `CENTRE_UNREACHABLE`; `CERTIFICATE_REFUSED` when it is not the centre that the identity is
   *   of. ZodError when what is asked is not as the route takes it.
   */
  async ask<R extends Route>(
    route: R,
    { params, query, body }: Asked<R>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Answer<R>> {
    const path = z.encode(route.params, params ?? {}) as Record<string, string>
    const search = new URLSearchParams(z.encode(route.query, query ?? {}) as Record<string, string>)
    const url = new URL(
      route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(path[name] ?? ''),
      ),
      this.#url,
    )
    url.search = search.toString()
    const sent = route.body === null ? null : JSON.stringify(z.encode(route.body, body as never))
    const { status, text } = await this.#send({ url, method: route.method, sent, ...options })
    if (status !== 200 && !isHealth(route, status)) throw refusalOf(status, text)
    return route.answer.decode(JSON.parse(text) as never) as Answer<R>
  }

  /** Closes connections that are kept open. */
  close(): void {
    this.#agent.destroy()
  }

  #send({ url, method, sent, signal }: Sending): Promise<{ status: number; text: string }> {
    const headers =
      sent === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }
    return new Promise((resolve, reject) => {
      const timed = AbortSignal.timeout(TIMEOUT_MS)
      const asked = request(url, {
        method: method.toUpperCase(),
        agent: this.#agent,
        headers,
        signal: signal === undefined ? timed : AbortSignal.any([signal, timed]),
      })
      const fail = (cause: unknown) => {
        reject(failureOf(url, cause))
      }
      asked.on('error', fail)
      asked.on('response', (response) => {
        const parts: Buffer[] = []
        let bytes = 0
        response.on('data', (part: Buffer) => {
          bytes += part.length
          parts.push(part)
          if (bytes > MAX_ANSWER_BYTES) asked.destroy(new Error('the answer is too long'))
        })
        response.on('error', fail)
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() })
        })
      })
      asked.end(sent ?? undefined)
    })
  }
}

interface Sending {
  readonly url: URL
  readonly method: string
  readonly sent: string | null
  readonly signal?: AbortSignal
}

/** A certificate of the same authority is not enough: a gateway's or an agent's must not pass for the centre's. */
function assertCentre(host: string, certificate: PeerCertificate): Error | undefined {
  const { subject } = new X509Certificate(certificate.raw)
  if (/^OU=server$/m.test(subject)) return checkServerIdentity(host, certificate)
  return Object.assign(new Error('the certificate is not of a centre'), { code: 'CERT_NO_CENTRE' })
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

function failureOf({ origin }: URL, cause: unknown): KmcError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (DISTRUST.test(code)) {
    return new KmcError(
      'CERTIFICATE_REFUSED',
      `What answers at ${origin} is not the centre that your identity is of (${code}). Check the address; if it is right, ask its administrator.`,
      { details: { fault: code }, cause },
    )
  }
  return new KmcError(
    'CENTRE_UNREACHABLE',
    `The centre at ${origin} gives no answer. Check that it runs and that the address is right.`,
    { details: { origin }, cause },
  )
}

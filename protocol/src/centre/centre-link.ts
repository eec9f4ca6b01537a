import { X509Certificate } from 'node:crypto'
import { Agent, request } from 'node:https'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { Identity } from './identity.ts'

/** Longest that an answer is waited for: the test of a random source takes the longest. */
const TIMEOUT_MS = 60_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** What TLS says of a certificate that is not to be trusted begins so. */
const DISTRUST =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/

/** Nothing was answered. */
export class CentreLinkError extends Error {
  override readonly name = 'CentreLinkError'
  /** `foreign`: what answers is not the centre that the identity is of. */
  readonly reason: 'foreign' | 'unreachable'

  constructor(reason: 'foreign' | 'unreachable', origin: string, cause: unknown) {
    super(
      reason === 'foreign'
        ? `What answers at ${origin} is not the centre that the identity is of. Check the address; if it is right, ask the centre's administrator.`
        : `The centre at ${origin} gives no answer. Check that it runs and that the address is right.`,
      { cause },
    )
    this.reason = reason
  }
}

export interface CentreLinkOptions {
  /** Where the centre serves: `https://…`. */
  readonly url: string
  readonly identity: Identity
}

export interface CentreRequest {
  readonly method: 'get' | 'post' | 'put'
  /** With its query. */
  readonly path: string
  /** JSON; null for none. */
  readonly body: string | null
  readonly signal?: AbortSignal | undefined
}

/** Whatever the centre answered. */
export interface CentreReply {
  readonly status: number
  readonly text: string
}

/** Connections to a key management centre over TLS 1.3, where both sides show certificates of the centre's authority. */
export class CentreLink {
  readonly #url: URL
  readonly #agent: Agent

  constructor({ url, identity }: CentreLinkOptions) {
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

  /** @throws CentreLinkError; the signal's reason when it is aborted */
  async send({ method, path, body, signal }: CentreRequest): Promise<CentreReply> {
    const headers =
      body === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const timed = AbortSignal.timeout(TIMEOUT_MS)
    const { promise, resolve, reject } = Promise.withResolvers<CentreReply>()
    const asked = request(new URL(path, this.#url), {
      method: method.toUpperCase(),
      agent: this.#agent,
      headers,
      signal: signal === undefined ? timed : AbortSignal.any([signal, timed]),
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      const parts: Buffer[] = []
      let bytes = 0
      response.on('data', (part: Buffer) => {
        bytes += part.length
        parts.push(part)
        if (bytes > MAX_ANSWER_BYTES) asked.destroy(new Error('the answer is too long'))
      })
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() })
      })
    })
    asked.end(body ?? undefined)
    try {
      return await promise
    } catch (cause) {
      signal?.throwIfAborted()
      throw new CentreLinkError(reasonOf(cause), this.#url.origin, cause)
    }
  }

  /** Closes connections that are kept open. */
  close(): void {
    this.#agent.destroy()
  }
}

/** A certificate of the same authority is not enough: a gateway's or an agent's must not pass for the centre's. */
function assertCentre(host: string, certificate: PeerCertificate): Error | undefined {
  const { subject } = new X509Certificate(certificate.raw)
  if (/^OU=server$/m.test(subject)) return checkServerIdentity(host, certificate)
  return Object.assign(new Error('the certificate is not of a centre'), { code: 'CERT_NO_CENTRE' })
}

function reasonOf(cause: unknown): 'foreign' | 'unreachable' {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return DISTRUST.test(code) ? 'foreign' : 'unreachable'
}

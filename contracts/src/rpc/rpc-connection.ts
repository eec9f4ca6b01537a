import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import pRetry, { AbortError } from 'p-retry'
import * as z from 'zod'
import { RpcError } from './rpc-error.ts'
import { parseRpcUrl, type RpcEndpoint } from './rpc-url.ts'

export interface RpcConnectionOptions {
  /** Longest wait for one answer. Default 15 s. */
  timeoutMs?: number
  /** How often a read is tried again when no answer comes. Default 3. */
  retries?: number
  /** Pause before the first repetition; doubled each time, with jitter. Default 200 ms. */
  retryPauseMs?: number
  /** Answers above this are refused; log ranges are halved then. Default 64 MiB. */
  maxAnswerBytes?: number
  /** Replaces the network, for tests. */
  fetch?: typeof fetch
}

export interface RpcCallOptions {
  signal?: AbortSignal
  /** Default true. False for what must be sent once. */
  isRepeatable?: boolean
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** JSON-RPC codes for "ask again later" (EIP-1474: resource unavailable, limit exceeded). */
const BUSY_CODES: readonly number[] = [-32002, -32005, 429]
/** HTTP statuses for "ask again later"; 5xx beside them. */
const BUSY_STATUSES: readonly number[] = [408, 425, 429]

const answerSchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }).optional(),
})

/** The endpoint gave no answer, or one that is worth asking for again. */
class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

/** JSON-RPC 2.0 over HTTP with timeouts and bounded repetition. */
export class RpcConnection {
  /** Scheme, host and port; safe to show. */
  readonly shownUrl: string
  readonly #endpoint: RpcEndpoint
  readonly #timeoutMs: number
  readonly #retries: number
  readonly #retryPauseMs: number
  readonly #maxAnswerBytes: number
  readonly #fetch: typeof fetch
  #requests = 0

  /** @throws OrlopError `CONFIG_INVALID` when `url` is no http(s) URL. */
  constructor(url: string, options: RpcConnectionOptions = {}) {
    this.#endpoint = parseRpcUrl(url)
    this.shownUrl = this.#endpoint.shownUrl
    this.#timeoutMs = options.timeoutMs ?? 15_000
    this.#retries = options.retries ?? 3
    this.#retryPauseMs = options.retryPauseMs ?? 200
    this.#maxAnswerBytes = options.maxAnswerBytes ?? MAX_ANSWER_BYTES
    // Browsers let nobody call theirs as a method of something else.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
  }

  /**
   * @returns `result` of the answer, unchecked.
   * @throws RpcError when the endpoint answers with an error.
   * @throws OrlopError `LEDGER_UNREACHABLE` when no answer comes; `ABORTED` when the caller gives up.
   */
  async call(method: string, params: unknown[], options: RpcCallOptions = {}): Promise<unknown> {
    const { signal, isRepeatable = true } = options
    throwIfAborted(signal, 'A call to the ledger')
    try {
      return await pRetry(() => this.#ask(method, params, signal), {
        retries: isRepeatable ? this.#retries : 0,
        minTimeout: this.#retryPauseMs,
        randomize: true,
        ...(signal && { signal }),
        shouldRetry: ({ error }) => isWorthAsking(error, method),
      })
    } catch (error) {
      throwIfAborted(signal, 'A call to the ledger')
      if (error instanceof RpcError || error instanceof OrlopError) throw error
      throw this.#unreachable(error)
    }
  }

  async #ask(method: string, params: unknown[], signal?: AbortSignal): Promise<unknown> {
    const deadline = AbortSignal.timeout(this.#timeoutMs)
    this.#requests += 1
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.#requests, method, params })
    let response: Response
    let text: string
    try {
      response = await this.#fetch(this.#endpoint.requestUrl, {
        method: 'POST',
        headers: this.#endpoint.headers,
        body,
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      })
      text = await readBounded(response, this.#maxAnswerBytes)
    } catch (error) {
      if (signal?.aborted === true || error instanceof RpcError)
        throw new AbortError(toError(error))
      throw new NoAnswerError(deadline.aborted ? 'no answer in time' : failureOf(error))
    }
    return readAnswer(response.status, text)
  }

  #unreachable(error: unknown): OrlopError {
    const reason = error instanceof NoAnswerError ? error.message : 'no usable answer'
    return new OrlopError(
      'LEDGER_UNREACHABLE',
      `The ledger at ${this.shownUrl} gives no answer: ${reason}. Check that it runs and the URL is right, then try again.`,
      { details: { reason } },
    )
  }
}

function readAnswer(status: number, text: string): unknown {
  const isBusy = BUSY_STATUSES.includes(status) || status >= 500
  const answer = answerSchema.safeParse(parseJson(text))
  // Some endpoints give JSON-RPC errors together with an HTTP error: the former says more.
  if (answer.success && answer.data.error !== undefined) {
    const { code, message, data } = answer.data.error
    throw new RpcError(code, message, data)
  }
  if (isBusy) throw new NoAnswerError(`HTTP status ${status}`)
  if (status !== 200) throw new AbortError(new NoAnswerError(`HTTP status ${status}`))
  if (!answer.success) throw new AbortError(new NoAnswerError('the answer is not JSON-RPC'))
  return answer.data.result
}

function isWorthAsking(error: Error, method: string): boolean {
  if (error instanceof NoAnswerError) return true
  // A refused log range is asked for again in smaller pieces, not as it is.
  return error instanceof RpcError && BUSY_CODES.includes(error.code) && method !== 'eth_getLogs'
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  // Not every browser lets a stream be iterated.
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.length
      if (bytes > maxBytes) throw new RpcError(-32005, 'the answer is too large', null)
      text += decoder.decode(next.value, { stream: true })
    }
  } finally {
    await reader.cancel()
  }
  return text + decoder.decode()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The system's code of a network failure; its text may hold the URL and stays out. */
function failureOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null
  return typeof code === 'string' ? code : 'the connection failed'
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

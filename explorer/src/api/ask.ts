import { API_ROUTES, type ApiAnswer, type ApiRouteName } from '@orlop/protocol/api/routes'
import { apiProblem } from '@orlop/protocol/api/service'
import { ApiFailure } from './problem.ts'

/** Values for the address of a question; those undefined are left out. */
export interface Question {
  params?: Readonly<Record<string, string | number>>
  query?: Readonly<Record<string, string | number | undefined>>
}

export interface AskOptions {
  signal?: AbortSignal
  /** In place of the browser's. */
  fetch?: typeof globalThis.fetch
}

/**
 * The address of a question to the gateway.
 *
 * @throws TypeError when a parameter of the path is missing.
 */
export function addressOf(route: ApiRouteName, { params = {}, query = {} }: Question): string {
  const path = API_ROUTES[route].path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new TypeError(`params: expected ${name} for ${route}`)
    // The path of an object's name keeps its colon, which an address may hold.
    return encodeURIComponent(value).replaceAll('%3A', ':')
  })
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? path : `${path}?${text}`
}

/**
 * Asks the gateway and checks the shape of its answer.
 *
 * @throws ApiFailure
 */
export async function ask<N extends ApiRouteName>(
  route: N,
  question: Question = {},
  options: AskOptions = {},
): Promise<ApiAnswer<N>> {
  const answer = await request(addressOf(route, question), options)
  const body: unknown = await answer.json().catch(() => null)
  const parsed = API_ROUTES[route].answer.safeParse(body)
  // Of any status: `health` is 503 for watchers, and says all the same how things stand.
  if (parsed.success) return parsed.data as ApiAnswer<N>
  if (!answer.ok) throw refusal(answer.status, body)
  throw new ApiFailure('shape', `${API_ROUTES[route].path}: ${parsed.error.message}`)
}

async function request(address: string, options: AskOptions): Promise<Response> {
  const { signal, fetch = globalThis.fetch } = options
  try {
    return await fetch(address, {
      headers: { accept: 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    throw new ApiFailure('network', address, null, cause)
  }
}

function refusal(status: number, body: unknown): ApiFailure {
  const problem = apiProblem.safeParse(body)
  if (!problem.success) return new ApiFailure('network', `HTTP ${status}`)
  const { detail, code } = problem.data
  return new ApiFailure(status === 404 ? 'not-found' : 'refused', detail, code)
}

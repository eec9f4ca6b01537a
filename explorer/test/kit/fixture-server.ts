import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { API_EVENTS_PATH, API_ROUTES, type ApiRouteName } from '@orlop/protocol/api/routes'
import type { ApiEvent } from '@orlop/protocol/api/service'
import { fixtureAnswers } from './fixture-answers.ts'
import { fixtureData } from './fixture-data.ts'

/** `loading`: questions wait until they are released. `failing`: each is answered with a problem. `broken`: with a form nobody knows. */
export type FixtureMode = 'full' | 'empty' | 'loading' | 'failing' | 'broken'

const PAGES = join(import.meta.dirname, '../../dist')
const FULL_OBJECTS = 240
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.txt': 'text/plain; charset=utf-8',
}
/** As the gateway's, so that a page that breaks it is found here. */
const POLICY =
  "default-src 'none'; base-uri 'none'; connect-src 'self' http://127.0.0.1:*; font-src 'self'; form-action 'none'; frame-ancestors 'none'; " +
  "img-src 'self' blob:; manifest-src 'self'; script-src 'self' 'wasm-unsafe-eval'; script-src-attr 'none'; style-src 'self'; worker-src 'self'"

const ROUTES = (Object.keys(API_ROUTES) as ApiRouteName[]).map((name) => ({
  name,
  path: new RegExp(`^${API_ROUTES[name].path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

const CLOSED = {
  status: 503,
  code: 'LEDGER_UNREACHABLE',
  detail: 'The index is closed for repair. Try again in a minute.',
}
const MISSING = { status: 404, code: 'NOT_FOUND' }

/** A gateway made of fixed answers: serves the built pages and the API, in each state that a page can meet. */
export class FixtureServer {
  mode: FixtureMode = 'full'
  /** Where pages are told to ask a ledger. */
  rpcUrl: string | null = null
  readonly #listeners = new Set<ServerResponse>()
  /** Questions that wait while the mode is `loading`. */
  readonly #waiting: (() => void)[] = []
  readonly #server = createServer((request, response) => this.#serve(request, response))
  readonly #full = fixtureData(FULL_OBJECTS)
  readonly #empty = fixtureData(0)

  /** @returns the address of the pages. */
  async start(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** What the full answers are made of; a test may put more there before it announces it. */
  get data() {
    return this.#full
  }

  /** Answers every question that waits, and those to come, from a full ledger. */
  release(): void {
    this.mode = 'full'
    for (const answer of this.#waiting.splice(0)) answer()
  }

  /** Sends a live event to every open page. */
  announce({ name, data }: ApiEvent): void {
    for (const each of this.#listeners)
      each.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fixture')
    response.setHeader('Content-Security-Policy', POLICY)
    if (pathname === API_EVENTS_PATH) this.#stream(response)
    else if (!pathname.startsWith('/v1/')) sendPage(pathname, response)
    else if (this.mode === 'failing') sendProblem(response, CLOSED)
    else if (this.mode === 'broken') sendJson(response, 200, { surprise: true })
    else if (this.mode === 'loading') {
      this.#waiting.push(() => this.#tell(pathname, searchParams, response))
    } else this.#tell(pathname, searchParams, response)
  }

  #tell(pathname: string, query: URLSearchParams, response: ServerResponse): void {
    const answer = this.#answer(pathname, Object.fromEntries(query))
    if (answer !== null) sendJson(response, 200, answer)
    else sendProblem(response, { ...MISSING, detail: `There is nothing at ${pathname}.` })
  }

  #answer(pathname: string, query: Record<string, string>): unknown {
    const answers = fixtureAnswers(this.mode === 'empty' ? this.#empty : this.#full, this.rpcUrl)
    for (const { name, path } of ROUTES) {
      const match = path.exec(decodeURIComponent(pathname))
      if (match !== null) return answers[name](match.groups ?? {}, query)
    }
    return null
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': hello\n\n')
    this.#listeners.add(response)
    response.on('close', () => this.#listeners.delete(response))
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function sendProblem(
  response: ServerResponse,
  problem: { status: number; code: string; detail: string },
): void {
  const type = `urn:orlop:error:${problem.code}`
  sendJson(response, problem.status, { type, title: problem.code, ...problem })
}

function sendPage(pathname: string, response: ServerResponse): void {
  const path = join(PAGES, normalize(pathname))
  const file = extname(path) !== '' && existsSync(path) ? path : join(PAGES, 'index.html')
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
}

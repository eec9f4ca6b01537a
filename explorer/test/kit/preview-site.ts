import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'

/** What the page is told of an object before it reads. */
export interface PreviewedObject {
  readonly name: string
  readonly plainBytes: number
}

/** The object that the page shows. */
export interface ServedObject {
  readonly name: string
  readonly content: Uint8Array | string
  /** Length that is claimed when it is not that of the content; what is missing is made of the content, over and over. */
  readonly plainBytes?: number
  /** Whether reading it fails. */
  isAway?: boolean
}

const PAGE = join(import.meta.dirname, 'preview-page.tsx')
const VAULT_PAGE = join(import.meta.dirname, '../../vault/index.html')
const TYPES = { js: 'text/javascript', css: 'text/css', html: 'text/html' } as const

/** Serves a page with one preview, under the policy of the vault's own page. */
export class PreviewSite {
  object: ServedObject = { name: '', content: '' }
  /** Ranges that were asked for. */
  readonly ranges: { readonly start: number; readonly end: number }[] = []
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #files = new Map<string, { readonly type: string; readonly content: string }>()

  /** @returns the page's address. */
  async start(): Promise<string> {
    const { outputFiles } = await build({
      entryPoints: [PAGE],
      bundle: true,
      write: false,
      outdir: '/',
      format: 'esm',
      target: 'es2023',
      conditions: ['source', 'module'],
      logLevel: 'error',
    })
    for (const { path, text } of outputFiles) {
      const type = path.endsWith('.css') ? TYPES.css : TYPES.js
      this.#files.set(path, { type, content: text })
    }
    const [policy = ''] = /<meta\s+http-equiv="Content-Security-Policy"[^>]*>/.exec(
      await readFile(VAULT_PAGE, 'utf8'),
    ) ?? ['']
    if (policy === '') throw new Error(`${VAULT_PAGE} has no Content-Security-Policy`)
    const content = `<!doctype html><html lang="en"><head>${policy}<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Preview</title><link rel="stylesheet" href="/preview-page.css"></head><body><div id="root"></div><script type="module" src="/preview-page.js"></script></body></html>`
    this.#files.set('/', { type: TYPES.html, content })
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const file = this.#files.get(pathname)
    if (file !== undefined) {
      response.setHeader('content-type', `${file.type}; charset=utf-8`).end(file.content)
      return
    }
    const bytes = Buffer.from(this.object.content)
    const { name, plainBytes = bytes.length } = this.object
    if (pathname === '/object') {
      response.end(JSON.stringify({ name, plainBytes } satisfies PreviewedObject))
      return
    }
    if (pathname !== '/bytes' || this.object.isAway === true) {
      response.writeHead(503).end()
      return
    }
    const [start, end] = [Number(searchParams.get('start')), Number(searchParams.get('end'))]
    this.ranges.push({ start, end })
    const whole =
      plainBytes === bytes.length ? bytes : Buffer.alloc(plainBytes, bytes.length > 0 ? bytes : 0)
    response.end(whole.subarray(start, end))
  }
}

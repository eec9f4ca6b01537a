import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import type { VaultFixtureMode } from './vault-page.tsx'

const PAGE = join(import.meta.dirname, 'vault-page.tsx')
const VAULT_PAGE = join(import.meta.dirname, '../../vault/index.html')
const SAMPLES = join(import.meta.dirname, '../../../samples/voyage')

/** Serves the vault on a client that keeps everything in memory, under the policy of the vault's own page. */
export class VaultSite {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #files = new Map<string, { readonly type: string; readonly content: string }>()
  #base = ''

  async start(): Promise<void> {
    const { outputFiles } = await build({
      entryPoints: [PAGE],
      bundle: true,
      write: false,
      outdir: '/',
      format: 'esm',
      target: 'es2023',
      jsx: 'automatic',
      conditions: ['source', 'module'],
      logLevel: 'error',
    })
    for (const { path, text } of outputFiles) {
      const type = path.endsWith('.css') ? 'text/css' : 'text/javascript'
      this.#files.set(path, { type, content: text })
    }
    this.#files.set('/', { type: 'text/html', content: await pageHtml() })
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#base = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** @param path - after the `#`. */
  address(mode: VaultFixtureMode, path = '/'): string {
    return `${this.#base}?mode=${mode}#${path}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = this.#files.get(pathname)
    if (file !== undefined) {
      response.setHeader('content-type', `${file.type}; charset=utf-8`).end(file.content)
    } else if (pathname.startsWith('/samples/')) {
      response.end(await readFile(join(SAMPLES, basename(pathname))))
    } else response.writeHead(404).end()
  }
}

/** The vault's own page with the fixture's script in place of its own. */
async function pageHtml(): Promise<string> {
  const own = await readFile(VAULT_PAGE, 'utf8')
  return own
    .replace(/<link rel="icon"[^>]*>/, '<link rel="stylesheet" href="/vault-page.css" />')
    .replace('../src/vault/main.tsx', '/vault-page.js')
}

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ENTRY = fileURLToPath(new URL('./bench-page.ts', import.meta.url))
const WORKER = fileURLToPath(import.meta.resolve('@orlop/client-sdk/browser/page-worker'))
const PAGE = '<!doctype html><script type="module" src="/bench-page.js"></script>'

/** Serves the bench's page on loopback. */
export class PageHost {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<PageHost> {
    const { outputFiles } = await build({
      entryPoints: [ENTRY, WORKER],
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      conditions: ['source'],
      splitting: true,
      entryNames: '[name]',
      outdir: 'page',
      write: false,
    })
    const scripts = new Map(
      outputFiles.map(({ path, text }) => [path.replace(/^.*[/\\]/, '/'), text]),
    )
    const server = createServer(({ url = '/' }, response) => {
      const script = scripts.get(url)
      const type = script === undefined ? 'text/html' : 'text/javascript'
      response.writeHead(200, { 'content-type': type }).end(script ?? PAGE)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new PageHost(server)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { type AttachedRelay, attachRelay } from '@orlop/gateway/relay/attach-relay'

/** As strict as the gateway's own: scripts of its own, and WebAssembly for the cipher. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

/** Lies beside the page's script, where the SDK looks for it. */
const WORKER = fileURLToPath(import.meta.resolve('@orlop/client-sdk/browser/page-worker'))

export interface PageServerOptions {
  /** The page's script, TypeScript. */
  readonly entry: string
  /** Where requests to `/rpc` go. */
  readonly rpcUrl: string
  /** The nodes that the relay connects pages to. */
  readonly readNodes: () => Promise<readonly NodeRecord[]>
  /** Whether the page's policy lets it have web workers; true when left out. */
  readonly allowsWorkers?: boolean
}

/** One origin with one page, whose script is bundled for browsers, and a gateway's relay. */
export class PageServer {
  readonly #server: Server
  readonly #relay: AttachedRelay

  private constructor(server: Server, relay: AttachedRelay) {
    this.#server = server
    this.#relay = relay
  }

  static async start({
    entry,
    rpcUrl,
    readNodes,
    allowsWorkers = true,
  }: PageServerOptions): Promise<PageServer> {
    const files = await bundle(entry)
    const policy = `${POLICY}; worker-src ${allowsWorkers ? "'self'" : "'none'"}`
    const server = createServer((request, response) => {
      if (request.url === '/rpc') {
        void forward(request, rpcUrl).then((answer) => response.end(answer))
        return
      }
      const name = (request.url ?? '/').slice(1)
      const script = files.get(name)
      const found = script !== undefined || name === ''
      response.writeHead(found ? 200 : 404, {
        'content-type': name === '' ? 'text/html' : 'text/javascript',
        'content-security-policy': policy,
      })
      response.end(script ?? '<!doctype html><script type="module" src="/suite-page.js"></script>')
    })
    const relay = attachRelay(server, { readNodes })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new PageServer(server, relay)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async stop(): Promise<void> {
    await this.#relay.stop()
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

async function forward(request: IncomingMessage, rpcUrl: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(rpcUrl, { method: 'POST', headers, body: await text(request) })
  return answer.text()
}

async function bundle(entry: string): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [entry, WORKER],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    conditions: ['source'],
    splitting: true,
    outdir: 'page',
    entryNames: '[name]',
    write: false,
  })
  return new Map(outputFiles.map((file) => [file.path.replace(/^.*[/\\]/, ''), file.text]))
}

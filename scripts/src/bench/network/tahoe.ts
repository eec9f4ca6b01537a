import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measureProcess } from '../measure-process.ts'
import { hasProgram } from '../seal/has-program.ts'
import { Daemon } from './daemon.ts'
import { freePorts } from './free-ports.ts'
import type { StoragePeer } from './storage-peer.ts'

const SERVERS = 10
const READY = /(introducer|client) running/

/** Tahoe-LAFS with its own default, any 3 of 10 shares, on ten storage servers. */
export const tahoe: StoragePeer = {
  name: 'Tahoe-LAFS, 3 of 10',
  source: 'install `tahoe` (PyPI tahoe-lafs)',
  isInstalled: (signal) => hasProgram('tahoe', ['--version'], signal),

  async store(folder, file, signal) {
    const grid = new Grid(folder, signal)
    try {
      await grid.start()
      const startedMs = performance.now()
      await grid.run('-d', join(folder, 'client'), 'put', file)
      return (performance.now() - startedMs) / 1000
    } finally {
      await grid.stop()
    }
  },
}

class Grid {
  readonly #folder: string
  readonly #signal: AbortSignal
  readonly #daemons: Daemon[] = []

  constructor(folder: string, signal: AbortSignal) {
    this.#folder = folder
    this.#signal = signal
  }

  async run(...args: string[]): Promise<string> {
    return (await measureProcess({ file: 'tahoe', args }, this.#signal)).output
  }

  async start(): Promise<void> {
    const [introducerPort = 0, webPort = 0, ...ports] = await freePorts(SERVERS + 2)
    const introducer = join(this.#folder, 'introducer')
    await this.run('create-introducer', ...listening(introducerPort), introducer)
    await this.#launch(introducer)
    const furl = await readFile(join(introducer, 'private', 'introducer.furl'), 'utf8')
    const joining = ['--introducer', furl.trim()]
    for (const [number, port] of ports.entries()) {
      const server = join(this.#folder, `server-${number}`)
      await this.run('create-node', ...joining, '--webport=none', ...listening(port), server)
      await this.#launch(server)
    }
    const client = join(this.#folder, 'client')
    const web = `--webport=tcp:${webPort}:interface=127.0.0.1`
    await this.run('create-client', ...joining, web, client)
    await this.#launch(client)
    await this.#untilServersAreKnown(webPort)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()))
  }

  async #launch(folder: string): Promise<void> {
    const plan = { file: 'tahoe', args: ['run', '--allow-stdin-close', folder], ready: READY }
    this.#daemons.push(await Daemon.start(plan, this.#signal))
  }

  /** The welcome page as JSON lists the servers; until all are connected a put fails. */
  async #untilServersAreKnown(webPort: number): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted()
      const page = await fetch(`http://127.0.0.1:${webPort}/?t=json`, { signal: this.#signal })
        .then((answer) => answer.json() as Promise<{ servers?: { connection_status?: string }[] }>)
        .catch(() => ({ servers: [] }))
      const connected = (page.servers ?? []).filter(
        ({ connection_status: status }) => status === 'connected',
      )
      if (connected.length >= SERVERS) return
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

function listening(port: number): string[] {
  return ['--port', `tcp:${port}:interface=127.0.0.1`, '--location', `tcp:127.0.0.1:${port}`]
}

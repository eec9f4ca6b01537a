import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { OrlopError } from '@orlop/protocol/errors'
import { anvilBinary } from './anvil-binary.ts'

/** Chain id of the embedded ledger ("Orlop dev"). */
export const EMBEDDED_CHAIN_ID = 4205

export interface AnvilOptions {
  /** A state file to begin with. */
  statePath?: string
}

/**
 * Wallets pay nothing here: no account is funded and none needs to be. Only the newest states of accounts are kept (blocks,
 * transactions and logs all are): otherwise anvil writes old ones into the user's home, and leaves them there.
 */
const FLAGS = [
  ['--host', '127.0.0.1'],
  ['--port', '0'],
  ['--chain-id', String(EMBEDDED_CHAIN_ID)],
  ['--hardfork', 'cancun'],
  ['--accounts', '0'],
  ['--gas-price', '0'],
  ['--block-base-fee-per-gas', '0'],
  ['--disable-min-priority-fee'],
  ['--gas-limit', '60000000'],
  ['--order', 'fifo'],
  ['--no-cors'],
  ['--no-request-size-limit'],
  ['--prune-history', '64'],
].flat()

const STARTED = /Listening on (\S+):(\d+)/
const KEPT_LINES = 20
const STOP_MS = 5_000

/** One anvil program, bound to the loopback. */
export class AnvilProcess {
  readonly port: number
  readonly rpcUrl: string
  readonly pid: number
  /** Resolves when the program has ended, for whatever reason. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number, ended: Promise<void>) {
    this.#child = child
    this.pid = child.pid ?? 0
    this.port = port
    this.rpcUrl = `http://127.0.0.1:${port}`
    this.ended = ended
  }

  /** Takes a free port. @throws OrlopError `LEDGER_UNREACHABLE` when the program ends before it listens. */
  static async start({ statePath }: AnvilOptions = {}): Promise<AnvilProcess> {
    const flags = [...FLAGS]
    if (statePath !== undefined) flags.push('--load-state', statePath)
    // A process group of its own: Ctrl-C in a terminal must not end it before its state is saved.
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
    const child = spawn(anvilBinary(), flags, { stdio, detached: true })
    const ended = once(child, 'close').then(
      () => undefined,
      () => undefined,
    )
    const lastLines: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLines.push(line)
      if (lastLines.length > KEPT_LINES) lastLines.shift()
    })
    for await (const line of createInterface({ input: child.stdout })) {
      const listening = STARTED.exec(line)
      if (listening === null) continue
      child.stdout.resume()
      return new AnvilProcess(child, Number(listening[2]), ended)
    }
    await ended
    throw new OrlopError(
      'LEDGER_UNREACHABLE',
      `The embedded ledger did not start: ${lastLines.join(' ').slice(0, 500)}. Look at the program's words and the saved state.`,
    )
  }

  /** Ends the program; its state in memory is gone. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await this.ended
    clearTimeout(timer)
  }
}

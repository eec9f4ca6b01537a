import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface DaemonPlan {
  readonly file: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** What it prints when it is ready. */
  readonly ready: RegExp
}

const TEXT_CHARACTERS = 20_000
const GRACE_MS = 10_000

/** A program that runs until it is stopped. */
export class Daemon {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when it has said that it is ready. @throws Error with what it said when it ends before. */
  static async start(plan: DaemonPlan, signal: AbortSignal): Promise<Daemon> {
    const child = spawn(plan.file, plan.args, {
      env: { ...process.env, ...plan.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    })
    await new Promise<void>((resolve, reject) => {
      let said = ''
      const take = (piece: Buffer) => {
        said = (said + piece.toString()).slice(-TEXT_CHARACTERS)
        if (plan.ready.test(said)) resolve()
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.on('error', reject)
      child.on('exit', () => reject(new Error(`${plan.file} ended before it was ready: ${said}`)))
    })
    return new Daemon(child)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS)
    await ended
    clearTimeout(kill)
  }
}

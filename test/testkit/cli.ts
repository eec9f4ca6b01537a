import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

/** What a finished command left. */
export interface CliResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface CliSurroundings {
  /** Where relative paths begin. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The `orlop` command as a user runs it: a process of its own, working on one home folder. */
export class Cli {
  readonly home: string
  readonly #surroundings: CliSurroundings

  constructor(home: string, surroundings: CliSurroundings = {}) {
    this.home = home
    this.#surroundings = surroundings
  }

  /** Runs a command to its end, whatever it ends with. */
  async run(...args: string[]): Promise<CliResult> {
    return this.start(...args).ended
  }

  /** Runs a command that must succeed and print one JSON document, nothing else, on standard output. */
  async json<T>(...args: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await this.run(...args, '--json')
    if (exitCode !== 0) throw new Error(`orlop ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
    return JSON.parse(stdout) as T
  }

  /** Starts a command and leaves it running. */
  start(...args: string[]): RunningCommand {
    // Options of the test run stay out; the condition under which packages resolve to their sources stays in.
    const inherited = { ...process.env, ORLOP_HOME: undefined, ORLOP_PASSPHRASE: undefined }
    const { cwd, env } = this.#surroundings
    const child = spawn(process.execPath, [MAIN, ...args, '--home', this.home], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new RunningCommand(child)
  }
}

/** A command under way. */
export class RunningCommand {
  readonly ended: Promise<CliResult>
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  #stdout = ''
  #stderr = ''
  #isOver = false

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#wake()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#wake()
    })
    this.ended = once(child, 'close').then(([code]) => {
      this.#isOver = true
      this.#wake()
      return {
        exitCode: (code as number | null) ?? -1,
        stdout: this.#stdout,
        stderr: this.#stderr,
      }
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves when standard output has `text`; rejects when the command ends without it. */
  async says(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) {
      if (this.#isOver) throw new Error(`ended without saying '${text}':\n${this.#stderr}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** @returns what it left; exit code -1 when the signal ended it. */
  async kill(signal: NodeJS.Signals): Promise<CliResult> {
    this.#child.kill(signal)
    return this.ended
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

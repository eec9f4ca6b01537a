import { spawn } from 'node:child_process'

/** One command of a run, with how to read its counts. */
export interface Step {
  name: string
  command: string
  args: string[]
  /** A test runner prints `N passing` and `N failing`; any other step counts as one. */
  isTestRunner: boolean
}

export interface Counts {
  passed: number
  failed: number
}

/** How much of a failed step is shown again at the end of the run. */
const REPORT_LINES = 80

/** Shows text to whoever watches the run. */
type Write = (text: string) => void

/**
 * Runs groups of steps one after another, the steps of a group side by side; all of them, whatever fails. Shows their output, one step's
 * after the other's; then again what failed, for who sees the end only, and as the last line `N passed, N failed`.
 *
 * @returns the exit code: 0 when nothing failed and something ran.
 */
export async function runSteps(
  groups: readonly (readonly Step[])[],
  write: Write = (text) => process.stdout.write(text),
): Promise<number> {
  const total: Counts = { passed: 0, failed: 0 }
  const reports: string[] = []
  for (const group of groups) {
    for (const running of group.map((step) => new RunningStep(step, write))) {
      const { passed, failed } = await running.show()
      total.passed += passed
      total.failed += failed
      if (failed > 0) reports.push(running.report())
    }
  }
  for (const report of reports) write(report)
  write(`\n${total.passed} passed, ${total.failed} failed\n`)
  return total.failed === 0 && total.passed > 0 ? 0 : 1
}

/** A step under way, which keeps its output until it is its turn to be shown. */
class RunningStep {
  readonly #step: Step
  readonly #write: Write
  readonly #ended: Promise<{ exitCode: number; seconds: string }>
  #output = ''
  /** What counts are read from. */
  #standardOutput = ''
  #isShown = false

  constructor(step: Step, write: Write) {
    this.#step = step
    this.#write = write
    const startedMs = performance.now()
    const child = spawn(step.command, step.args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#standardOutput += text
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        if (this.#isShown) write(text)
      })
    }
    this.#ended = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => {
        const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
        resolve({ exitCode: code ?? 1, seconds })
      })
    })
    // Noticed when its turn comes.
    this.#ended.catch(() => undefined)
  }

  /** Shows what it has said and says, to its end. */
  async show(): Promise<Counts> {
    const { name, isTestRunner } = this.#step
    this.#write(`\n=== ${name}\n${this.#output}`)
    this.#isShown = true
    const { exitCode, seconds } = await this.#ended
    const counts = isTestRunner ? readCounts(this.#standardOutput, exitCode) : countOne(exitCode)
    this.#write(`=== ${name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s\n`)
    return counts
  }

  /** What it has said of its failures: a runner from its count of them on, any other step at its end. */
  report(): string {
    const lines = plain(this.#output).trimEnd().split('\n')
    const failing = lines.findIndex((line) => /^\s*\d+ failing\b/.test(line))
    const shown =
      failing >= 0 ? lines.slice(failing, failing + REPORT_LINES) : lines.slice(-REPORT_LINES)
    return `\n=== failed: ${this.#step.name}\n${shown.join('\n')}\n`
  }
}

/** A runner that fails without naming a failed test (a crash, no test found) counts as one failure. */
export function readCounts(output: string, exitCode: number): Counts {
  // Hardhat counts each of its runners, and then all of them again: `99 passing (25 solidity, 74 mocha)`.
  const total = sum(output, /^\s*(\d+) passing \(\d+ [a-z]+, /gm)
  const passed = total > 0 ? total : sum(output, /^\s*(\d+) passing\b/gm)
  const failed = sum(output, /^\s*(\d+) failing\b/gm)
  const hasSilentFailure = failed === 0 && (exitCode !== 0 || passed === 0)
  return { passed, failed: hasSilentFailure ? 1 : failed }
}

function countOne(exitCode: number): Counts {
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function sum(output: string, pattern: RegExp): number {
  return [...plain(output).matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)
}

/** A runner colours its counts on a terminal. */
function plain(output: string): string {
  return output.replaceAll(/\u001b\[[0-9;]*m/g, '')
}

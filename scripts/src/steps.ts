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

/**
 * Runs the steps one after another, all of them whatever fails, shows their output, and prints as the last line
 * `N passed, N failed`.
 *
 * @returns the exit code: 0 when nothing failed and something ran.
 */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  const total: Counts = { passed: 0, failed: 0 }
  for (const step of steps) {
    process.stdout.write(`\n=== ${step.name}\n`)
    const startedMs = performance.now()
    const { exitCode, output } = await run(step)
    const counts = step.isTestRunner ? readCounts(output, exitCode) : countOne(exitCode)
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    process.stdout.write(
      `=== ${step.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s\n`,
    )
    total.passed += counts.passed
    total.failed += counts.failed
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`)
  return total.failed === 0 && total.passed > 0 ? 0 : 1
}

function run({ command, args }: Step): Promise<{ exitCode: number; output: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk)
    output += chunk.toString('utf8')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ exitCode: code ?? 1, output })
    })
  })
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
  // A runner colours its counts on a terminal.
  const plain = output.replaceAll(/\u001b\[[0-9;]*m/g, '')
  return [...plain.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)
}

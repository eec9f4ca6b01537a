import { spawn } from 'node:child_process'

/** A program to be measured. */
export interface ProcessPlan {
  readonly file: string
  readonly args: readonly string[]
  /** Added to this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>
  readonly folder?: string
}

/** What one whole process, from its start to its end, has taken. */
export interface ProcessCost {
  readonly wallSeconds: number
  /** User and system time of the process and all it waited for. */
  readonly cpuSeconds: number
  readonly output: string
}

/** The shell's `times` is the one portable way to the time of an ended child (POSIX.1-2017, 2.14 `times`). */
const TIMED = '"$0" "$@"; status=$?; times >&3; exit $status'
const ERROR_CHARACTERS = 2_000

/**
 * Runs a program to its end and says what it took.
 *
 * @param signal - kills the program and what it started.
 * @throws Error when it cannot be started or fails, with the end of what it said.
 */
export async function measureProcess(plan: ProcessPlan, signal: AbortSignal): Promise<ProcessCost> {
  signal.throwIfAborted()
  const startedMs = performance.now()
  const child = spawn('/bin/sh', ['-c', TIMED, plan.file, ...plan.args], {
    cwd: plan.folder,
    env: { ...process.env, ...plan.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A group of its own, so that the program ends with the shell.
    detached: true,
  })
  const { pid } = child
  const kill = () => {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  }
  signal.addEventListener('abort', kill, { once: true })
  const [, stdout, stderr, times] = child.stdio.map(collect)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    const wallSeconds = (performance.now() - startedMs) / 1000
    signal.throwIfAborted()
    if (code === 0) {
      return { wallSeconds, cpuSeconds: childSeconds(times?.() ?? ''), output: stdout?.() ?? '' }
    }
  } finally {
    signal.removeEventListener('abort', kill)
  }
  throw new Error(`${plan.file} failed: ${(stderr?.() ?? '').slice(-ERROR_CHARACTERS)}`)
}

function collect(stream: NodeJS.ReadableStream | NodeJS.WritableStream | null | undefined) {
  let text = ''
  if (stream !== null && stream !== undefined && 'read' in stream) {
    stream.on('data', (piece: Buffer) => (text += piece.toString()))
  }
  return () => text
}

/** Reads the second line of `times`, which is of the children: `0m1.250s 0m0.080s`. */
export function childSeconds(times: string): number {
  const line = times.trim().split('\n')[1] ?? ''
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)]
  if (parts.length !== 2) throw new RangeError(`times: expected two lines of two, got '${times}'`)
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  )
}

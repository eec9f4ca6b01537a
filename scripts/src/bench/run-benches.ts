import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, BenchContext } from './bench.ts'
import { describeMachine } from './machine.ts'
import { BenchNetwork } from './network/bench-network.ts'
import type { BenchReport, BenchResult } from './report.ts'

export interface RunOptions {
  readonly benches: readonly Bench[]
  /** Where test data goes, several GiB of it. */
  readonly parentFolder: string
  readonly isQuick: boolean
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/** Runs benches one after the other. One that fails does not keep the others from running. */
export async function runBenches(options: RunOptions): Promise<BenchReport> {
  const startedAt = new Date()
  const startedMs = performance.now()
  const machine = describeMachine()
  const run = new BenchRun(options)
  const benches: BenchResult[] = []
  try {
    for (const bench of options.benches) benches.push(await run.runOne(bench))
  } finally {
    await run.end()
  }
  return {
    startedAt: startedAt.toISOString(),
    seconds: (performance.now() - startedMs) / 1000,
    isQuick: options.isQuick,
    machine,
    loadAverageAfter: describeMachine().loadAverage,
    benches,
  }
}

/** What the benches of one run share. */
class BenchRun {
  readonly #options: RunOptions
  #network: Promise<BenchNetwork> | null = null

  constructor(options: RunOptions) {
    this.#options = options
  }

  async runOne(bench: Bench): Promise<BenchResult> {
    const { signal, parentFolder } = this.#options
    signal.throwIfAborted()
    const { name, measures } = bench
    const startedMs = performance.now()
    const folder = await mkdtemp(join(parentFolder, `orlop-bench-${name}-`))
    const skipped: { what: string; reason: string }[] = []
    const result = { name, measures, skipped }
    const limit = AbortSignal.timeout(bench.limitMs)
    const secondsSinceStart = () => (performance.now() - startedMs) / 1000
    try {
      const context = this.#contextOf(bench, folder, AbortSignal.any([signal, limit]), skipped)
      const rows = await bench.run(context)
      return { ...result, rows, seconds: secondsSinceStart(), failure: null }
    } catch (error) {
      signal.throwIfAborted()
      const failure = limit.aborted
        ? `took longer than ${bench.limitMs / 1000} s`
        : error instanceof Error
          ? error.message
          : String(error)
      this.#options.progress(`${name}: failed: ${failure}`)
      return { ...result, rows: [], seconds: secondsSinceStart(), failure }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async end(): Promise<void> {
    const network = await this.#network?.catch(() => null)
    await network?.stop()
  }

  #contextOf(
    { name, limitMs }: Bench,
    folder: string,
    signal: AbortSignal,
    skipped: { what: string; reason: string }[],
  ): BenchContext {
    const { isQuick, parentFolder } = this.#options
    const startedMs = performance.now()
    const progress = (line: string) => this.#options.progress(`${name}: ${line}`)
    return {
      folder,
      isQuick,
      signal,
      usedTime: () => (performance.now() - startedMs) / limitMs,
      progress,
      skip(what, reason) {
        skipped.push({ what, reason })
        progress(`skipped ${what}: ${reason}`)
      },
      network: () => (this.#network ??= BenchNetwork.start(parentFolder, progress)),
    }
  }
}

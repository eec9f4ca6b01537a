import type { BenchNetwork } from './network/bench-network.ts'

/** One line of a result. */
export interface BenchRow {
  readonly metric: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
  /** How many measurements the median is of. */
  readonly runs: number
  /** What design section 8 promises, for the median. */
  readonly bar?: Bar
  readonly met?: boolean
}

export type Bar = { readonly atMost: number } | { readonly atLeast: number }

/** What a bench is given. */
export interface BenchContext {
  /** Empty, for this bench alone; removed afterwards. */
  readonly folder: string
  /** Small sizes and one run: shows that everything works, not how fast it is. */
  readonly isQuick: boolean
  /** Fires when the user interrupts, or when the bench takes too long. */
  readonly signal: AbortSignal
  /** How much of the bench's time is used up, from 0 to 1: whoever repeats a measurement stops in good time. */
  usedTime(): number
  /** Says what goes on, in one line. */
  progress(line: string): void
  /** Notes that something was not measured, and why. */
  skip(what: string, reason: string): void
  /** The development network of this whole run, started at the first call. */
  network(): Promise<BenchNetwork>
}

/** Something that is measured. */
export interface Bench {
  readonly name: string
  /** One sentence. */
  readonly measures: string
  /** Whether it runs when no name is given. */
  readonly isDefault: boolean
  /** Longest time it may take, milliseconds. */
  readonly limitMs: number
  run(context: BenchContext): Promise<BenchRow[]>
}

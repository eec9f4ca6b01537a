import type { SpeedSample } from './speed-series.ts'

/** A place in a series where the line breaks. */
export interface SpeedGap {
  readonly timeMs: number
  readonly knots: null
}

/** Silences longer than this, and than so many usual steps, break the line. */
const SILENCE_MS = 300_000
const SILENCE_STEPS = 10

/** Puts a gap into each silence of a series. @param samples - in the order of time. */
export function withGaps(samples: readonly SpeedSample[]): (SpeedSample | SpeedGap)[] {
  const steps = samples.slice(1).map(({ timeMs }, index) => timeMs - (samples[index]?.timeMs ?? 0))
  const usualMs = steps.toSorted((left, right) => left - right)[Math.floor(steps.length / 2)] ?? 0
  const silenceMs = Math.max(SILENCE_MS, SILENCE_STEPS * usualMs)
  return samples.flatMap((sample, index) => {
    const stepMs = steps[index - 1] ?? 0
    return stepMs > silenceMs
      ? [{ timeMs: sample.timeMs - stepMs / 2, knots: null }, sample]
      : [sample]
  })
}

/** Speed over ground at a time of the log's clock. */
export interface SpeedSample {
  readonly timeMs: number
  readonly knots: number
}

export interface Speed {
  /** In the order of time. */
  readonly samples: readonly SpeedSample[]
  /** Samples in the log. {@link samples} has the means of neighbours when there were many. */
  readonly count: number
  readonly meanKnots: number
  readonly highestKnots: number
}

export const MAX_SPEED_SAMPLES = 2048

/** Collects speeds in bounded memory: whenever it is full, neighbours become their mean. */
export class SpeedSeries {
  #samples: SpeedSample[] = []
  /** Means of how many the kept ones are. */
  #perSample = 1
  /** Sums for the next one to keep. */
  #pending = { count: 0, timeMs: 0, knots: 0 }
  #count = 0
  #sumKnots = 0
  #highestKnots = 0

  get count(): number {
    return this.#count
  }

  add(sample: SpeedSample): void {
    this.#count += 1
    this.#sumKnots += sample.knots
    this.#highestKnots = Math.max(this.#highestKnots, sample.knots)
    const { count, timeMs, knots } = this.#pending
    this.#pending = {
      count: count + 1,
      timeMs: timeMs + sample.timeMs,
      knots: knots + sample.knots,
    }
    if (this.#pending.count === this.#perSample) this.#keepPending()
  }

  finish(): Speed {
    if (this.#pending.count > 0) this.#keepPending()
    const samples = this.#samples.toSorted((left, right) => left.timeMs - right.timeMs)
    return {
      samples,
      count: this.#count,
      meanKnots: this.#count === 0 ? 0 : this.#sumKnots / this.#count,
      highestKnots: this.#highestKnots,
    }
  }

  #keepPending(): void {
    const { count, timeMs, knots } = this.#pending
    this.#samples.push({ timeMs: timeMs / count, knots: knots / count })
    this.#pending = { count: 0, timeMs: 0, knots: 0 }
    if (this.#samples.length < MAX_SPEED_SAMPLES) return
    const halves = this.#samples.filter((_, index) => index % 2 === 0)
    this.#samples = halves.map((left, index) => meanOf(left, this.#samples[2 * index + 1] ?? left))
    this.#perSample *= 2
  }
}

function meanOf(left: SpeedSample, right: SpeedSample): SpeedSample {
  return { timeMs: (left.timeMs + right.timeMs) / 2, knots: (left.knots + right.knots) / 2 }
}

import { LogClock } from './log-clock.ts'
import { observe, type Observation } from './observe.ts'
import { MAX_LINE_BYTES, parseLine, type Sentence } from './parse-line.ts'
import { type Speed, SpeedSeries } from './speed-series.ts'
import { LineSplitter } from './split-lines.ts'
import { type Track, TrackBuilder } from './track.ts'

/** How often an address such as `GPGLL` occurs. */
export interface AddressCount {
  readonly address: string
  readonly count: number
}

/** What a log of NMEA 0183 sentences tells. */
export interface LogSummary {
  /** Lines with a right checksum. */
  readonly sentences: number
  /** Lines shaped as a sentence whose checksum is wrong. */
  readonly badChecksums: number
  /** Other lines that are no sentence, too long ones included; blank lines are not counted. */
  readonly otherLines: number
  /** The kinds of sentences, most frequent first. */
  readonly addresses: readonly AddressCount[]
  /** By the source with the most fixes, so that two receivers do not make one zigzag; null when none has a fix. */
  readonly track: (Track & { readonly source: string }) | null
  /** By the source with the most values; null when no sentence tells a speed at a known time. */
  readonly speed: (Speed & { readonly source: string }) | null
  /** The midnight that times in it count from, since the epoch; null when the log tells no date. */
  readonly originMs: number | null
}

/** A log is written by a handful of instruments; a hostile one shall not fill the memory with names. */
const MAX_ADDRESSES = 64

/** Reads a log of NMEA 0183 sentences piece by piece, in bounded memory. Never throws, whatever the bytes. */
export class NmeaLog {
  readonly #lines = new LineSplitter((line) => this.#takeLine(line), MAX_LINE_BYTES)
  readonly #clock = new LogClock()
  readonly #counts = new Map<string, number>()
  readonly #tracks = new Map<string, TrackBuilder>()
  readonly #speeds = new Map<string, SpeedSeries>()
  #sentences = 0
  #badChecksums = 0
  #otherLines = 0

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes)
  }

  /** What the log tells, when all of it was pushed. */
  finish(): LogSummary {
    this.#lines.finish()
    const [trackSource, track] = greatest(this.#tracks, ({ fixes }) => fixes)
    const [speedSource, speed] = greatest(this.#speeds, ({ count }) => count)
    return {
      sentences: this.#sentences,
      badChecksums: this.#badChecksums,
      otherLines: this.#otherLines,
      addresses: [...this.#counts]
        .map(([address, count]) => ({ address, count }))
        .sort((left, right) => right.count - left.count),
      track: track === null ? null : { ...track.finish(), source: trackSource },
      speed: speed === null ? null : { ...speed.finish(), source: speedSource },
      originMs: this.#clock.originMs,
    }
  }

  #takeLine(line: Uint8Array | null): void {
    const reading = line === null ? ({ kind: 'no-sentence' } as const) : parseLine(line)
    switch (reading.kind) {
      case 'blank':
        return
      case 'no-sentence':
        this.#otherLines += 1
        return
      case 'bad-checksum':
        this.#badChecksums += 1
        return
      case 'sentence':
        this.#sentences += 1
        this.#takeSentence(reading.sentence)
    }
  }

  #takeSentence(sentence: Sentence): void {
    const { address } = sentence
    const count = this.#counts.get(address) ?? 0
    if (count > 0 || this.#counts.size < MAX_ADDRESSES) this.#counts.set(address, count + 1)
    const observation = observe(sentence)
    if (observation !== null) this.#takeObservation(address, observation)
  }

  #takeObservation(address: string, observation: Observation): void {
    const { timeOfDayMs, dateMs, position, speedKnots } = observation
    if (timeOfDayMs !== null) this.#clock.set(timeOfDayMs, dateMs)
    const { nowMs } = this.#clock
    if (position === 'none') this.#tracks.get(address)?.breakLine()
    else if (position !== null) {
      ofSource(this.#tracks, address, () => new TrackBuilder())?.add(position, nowMs)
    }
    if (speedKnots !== null && nowMs !== null) {
      const sample = { timeMs: nowMs, knots: speedKnots }
      ofSource(this.#speeds, address, () => new SpeedSeries())?.add(sample)
    }
  }
}

const MAX_SOURCES = 8

/** What is collected of a source; null for sources beyond the first eight. */
function ofSource<T>(all: Map<string, T>, address: string, make: () => T): T | null {
  const known = all.get(address)
  if (known !== undefined) return known
  if (all.size === MAX_SOURCES) return null
  const made = make()
  all.set(address, made)
  return made
}

/** Of equals the first that came. */
function greatest<T>(
  all: ReadonlyMap<string, T>,
  sizeOf: (one: T) => number,
): [source: string, one: T] | ['', null] {
  let found: [string, T] | ['', null] = ['', null]
  for (const [source, one] of all) {
    if (found[1] === null || sizeOf(one) > sizeOf(found[1])) found = [source, one]
  }
  return found
}

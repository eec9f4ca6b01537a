import { distanceMetres } from './geodesy.ts'
import type { Position } from './observe.ts'

/** A fix on a track. */
export interface TrackPoint extends Position {
  /** Of the log's clock; null before its first time. */
  readonly timeMs: number | null
  /**
   * East of Greenwich, carried on over the 180th meridian: neighbours are never more than half a turn apart, so it may leave ±180.
   */
  readonly longitude: number
  /** Whether the line begins anew here: there was no fix before it. */
  readonly isStart: boolean
}

/** Where a ship went, in a bounded number of points. */
export interface Track {
  readonly points: readonly TrackPoint[]
  /** Fixes in the log, of which {@link points} keeps some. */
  readonly fixes: number
  /** Along the track, without what was covered while there was no fix. */
  readonly distanceMetres: number
  /** How often there was no fix between two fixes. */
  readonly breaks: number
}

export const MAX_TRACK_POINTS = 4096
/** Shorter ways do not count for the distance: a ship at its berth does not sail, its receiver wanders. */
const LEAST_STEP_METRES = 20
/** A silence longer than this, and longer than several usual steps, breaks the line. */
const SILENCE_MS = 600_000
const SILENCE_STEPS = 5
const CLOCK_SET_BACK_MS = 2000

/** Makes a track of fixes as they come, in bounded memory: whenever it is full, every other point goes. */
export class TrackBuilder {
  #points: TrackPoint[] = []
  #newest: TrackPoint | null = null
  #isNewestKept = false
  #fixes = 0
  #distanceMetres = 0
  /** Where the distance was last counted; null after a break. */
  #counted: Position | null = null
  #breaks = 0
  #usualStepMs = 0
  /** Whether the line broke since the last point that was kept. */
  #isBroken = true
  /** One fix of so many is kept. */
  #stride = 1

  /** Fixes so far. */
  get fixes(): number {
    return this.#fixes
  }

  add({ latitude, longitude }: Position, timeMs: number | null): void {
    const before = this.#newest
    if (before !== null && timeMs !== null && before.timeMs === timeMs) return
    if (this.#isAfterSilence(timeMs)) this.breakLine()
    const point = {
      latitude,
      longitude: before === null ? longitude : carryOn(longitude, before.longitude),
      timeMs,
      isStart: this.#isBroken,
    }
    if (before !== null && this.#counted === null) this.#breaks += 1
    this.#countDistance(point)
    this.#newest = point
    this.#isNewestKept = this.#fixes % this.#stride === 0
    this.#fixes += 1
    if (this.#isNewestKept) this.#keep(point)
  }

  /** Breaks the line: the receiver lost its fix. */
  breakLine(): void {
    this.#isBroken = true
    this.#counted = null
  }

  finish(): Track {
    const newest = this.#newest
    return {
      points: newest === null || this.#isNewestKept ? this.#points : [...this.#points, newest],
      fixes: this.#fixes,
      distanceMetres: this.#distanceMetres,
      breaks: this.#breaks,
    }
  }

  #countDistance(point: Position): void {
    const metres = this.#counted === null ? 0 : distanceMetres(this.#counted, point)
    if (this.#counted !== null && metres < LEAST_STEP_METRES) return
    this.#distanceMetres += metres
    this.#counted = point
  }

  #isAfterSilence(timeMs: number | null): boolean {
    const beforeMs = this.#newest?.timeMs ?? null
    if (beforeMs === null || timeMs === null) return false
    const stepMs = timeMs - beforeMs
    if (stepMs < -CLOCK_SET_BACK_MS) return true
    const isSilence =
      this.#usualStepMs > 0 && stepMs > SILENCE_MS && stepMs > SILENCE_STEPS * this.#usualStepMs
    if (!isSilence) this.#usualStepMs = Math.max(this.#usualStepMs, stepMs)
    return isSilence
  }

  #keep(point: TrackPoint): void {
    this.#points.push(point)
    this.#isBroken = false
    if (this.#points.length < MAX_TRACK_POINTS) return
    this.#stride *= 2
    // Where one of two points goes, a break before it is one before the next.
    this.#points = this.#points
      .map((each, index, all) => ({
        ...each,
        isStart: each.isStart || all[index - 1]?.isStart === true,
      }))
      .filter((_, index) => index % 2 === 0)
    this.#isBroken = point.isStart
    this.#isNewestKept = false
  }
}

/** The same meridian, at most half a turn from the one before. */
function carryOn(longitude: number, before: number): number {
  return longitude + Math.round((before - longitude) / 360) * 360
}

const DAY_MS = 86_400_000

/**
 * The time of a log, from times of day that mostly come without a date: it counts the midnights that pass. Times are milliseconds since
 * the midnight before the log's first time.
 */
export class LogClock {
  #day = 0
  #timeOfDayMs: number | null = null
  #firstDayMs: number | null = null

  /** Time of the newest sentence that told one; null before the first. */
  get nowMs(): number | null {
    return this.#timeOfDayMs === null ? null : this.#day * DAY_MS + this.#timeOfDayMs
  }

  /** The midnight that times count from, since the epoch; null while no sentence told a date. */
  get originMs(): number | null {
    return this.#firstDayMs
  }

  /** Sets the clock by a sentence. @param dateMs - midnight of its day, when it told that. */
  set(timeOfDayMs: number, dateMs: number | null): void {
    if (this.#timeOfDayMs !== null) {
      // The nearest time that reads so: after 23:59 comes 00:00 of the next day, and a late sentence is of the day before.
      this.#day += Math.round((this.#timeOfDayMs - timeOfDayMs) / DAY_MS)
    }
    this.#timeOfDayMs = timeOfDayMs
    if (dateMs === null) return
    this.#firstDayMs ??= dateMs - this.#day * DAY_MS
    this.#day = Math.round((dateMs - this.#firstDayMs) / DAY_MS)
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises'
import { assertInteger, wipe } from '@orlop/crypto/bytes'
import { BATTERY, type BatteryTest } from '@orlop/crypto/randomness/battery'
import { unpackBits } from '@orlop/crypto/randomness/bits'
import type { Clock } from '@orlop/protocol/clock'
import { KmcError } from '../kmc-error.ts'

/** Bytes of one tested sequence: 10⁶ bits, as GM/T 0005-2021 takes them. */
const SEQUENCE_BYTES = 125_000
/** A source is tested again when its last test is older than this. */
const PERIOD_MS = 12 * 60 * 60 * 1000
const MOST_BYTES = 1024
/**
 * A single value below this speaks against the source. GM/T 0005-2021 judges a thousand sequences at 0.01 each; of one sequence that
 * level would refuse a good source every third time. With some forty values and one retest, this one does in fewer than 10⁻⁸ of the tests.
 */
const LEAST_P_VALUE = 1e-6

/** What {@link MonitoredSource} needs. */
export interface MonitoredSourceOptions {
  /** The source under watch, such as the platform's or a card's. */
  readonly source: (lengthBytes: number) => Uint8Array | Promise<Uint8Array>
  readonly clock: Clock
  /** The tests; those of GM/T 0005-2021 unless given. */
  readonly tests?: readonly BatteryTest[]
  /** Bytes of a tested sequence; 125 000 unless given. */
  readonly sequenceBytes?: number
  /** Age of a test, in milliseconds, from which it is made again; 12 hours unless given. */
  readonly periodMs?: number
}

export interface SourceStatus {
  readonly state: 'untested' | 'good' | 'refusing'
  /** When the last test ended, ms since epoch; null before the first. */
  readonly testedAtMs: number | null
  /** Rows that failed, of the retest too; empty while the source is good. */
  readonly failures: readonly string[]
}

/**
 * A random source that is tested at power-on, periodically and on demand. A failed test is made once more with fresh bytes; when that
 * fails too, the source gives nothing again for as long as the process lives. Tested bytes are never given out.
 */
export class MonitoredSource {
  readonly #options: Required<MonitoredSourceOptions>
  #state: SourceStatus['state'] = 'untested'
  #testedAtMs: number | null = null
  #testedAtMonotonicMs = 0
  #failures: readonly string[] = []
  #testing: Promise<void> | null = null

  constructor(options: MonitoredSourceOptions) {
    this.#options = {
      tests: BATTERY,
      sequenceBytes: SEQUENCE_BYTES,
      periodMs: PERIOD_MS,
      ...options,
    }
  }

  get status(): SourceStatus {
    return { state: this.#state, testedAtMs: this.#testedAtMs, failures: this.#failures }
  }

  /**
   * Tests the source: at power-on before anything is generated, and whenever somebody wants to know. Takes seconds; other work goes on
   * between single tests. Calls at the same time share one test.
   *
   * @throws KmcError `RANDOM_REFUSED` when test and retest failed, now or before.
   */
  async test(): Promise<void> {
    this.#assertNotRefusing()
    this.#testing ??= this.#testTwice().finally(() => (this.#testing = null))
    return this.#testing
  }

  /**
   * Random bytes; tests the source first when its last test is too old.
   *
   * @param lengthBytes - 1 to 1024.
   * @throws KmcError `RANDOM_NOT_TESTED` before the power-on test has passed; `RANDOM_REFUSED` after failed tests.
   */
  async generate(lengthBytes: number): Promise<Uint8Array> {
    assertInteger('lengthBytes', lengthBytes, { min: 1, max: MOST_BYTES })
    this.#assertNotRefusing()
    if (this.#state === 'untested') {
      throw new KmcError(
        'RANDOM_NOT_TESTED',
        'The random source has not passed its power-on test. Wait until the test has ended.',
      )
    }
    const ageMs = this.#options.clock.monotonicMs() - this.#testedAtMonotonicMs
    if (this.#testing !== null || ageMs >= this.#options.periodMs) await this.test()
    return this.#draw(lengthBytes)
  }

  async #testTwice(): Promise<void> {
    const first = await this.#failuresOfOneTest()
    const second = first.length === 0 ? first : await this.#failuresOfOneTest()
    this.#testedAtMs = this.#options.clock.nowMs()
    this.#testedAtMonotonicMs = this.#options.clock.monotonicMs()
    if (second.length === 0) {
      this.#state = 'good'
      return
    }
    this.#refuse([...new Set([...first, ...second])])
    this.#assertNotRefusing()
  }

  async #failuresOfOneTest(): Promise<string[]> {
    const sequence = await this.#draw(this.#options.sequenceBytes)
    const bits = unpackBits(sequence)
    wipe(sequence)
    const failures: string[] = []
    for (const { rows, run } of this.#options.tests) {
      const { pValues } = run(bits)
      const failed = rows.filter((_, at) => !((pValues[at] ?? 0) >= LEAST_P_VALUE))
      failures.push(...failed)
      await nextTurn()
    }
    wipe(bits)
    return failures
  }

  async #draw(lengthBytes: number): Promise<Uint8Array> {
    let bytes: Uint8Array
    try {
      bytes = await this.#options.source(lengthBytes)
    } catch (cause) {
      this.#refuse(['the source failed'])
      throw this.#refusal(cause)
    }
    if (bytes.length !== lengthBytes) this.#refuse(['the source gave another number of bytes'])
    this.#assertNotRefusing()
    return bytes
  }

  #refuse(failures: readonly string[]): void {
    this.#state = 'refusing'
    this.#failures = failures
  }

  #assertNotRefusing(): void {
    if (this.#state === 'refusing') throw this.#refusal()
  }

  #refusal(cause?: unknown): KmcError {
    return new KmcError(
      'RANDOM_REFUSED',
      `The random source is not good enough (${this.#failures.join('; ')}) and the centre makes and releases no keys with it. Replace it and start the centre again.`,
      { details: { failures: this.#failures.join('; ') }, cause },
    )
  }
}

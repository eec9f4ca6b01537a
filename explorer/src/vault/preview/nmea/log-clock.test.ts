import { expect } from 'chai'
import { LogClock } from './log-clock.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SOLSTICE_MS = Date.UTC(2022, 5, 21)

function clockAfter(...times: readonly (readonly [timeOfDayMs: number, dateMs: number | null])[]) {
  const clock = new LogClock()
  for (const [timeOfDayMs, dateMs] of times) clock.set(timeOfDayMs, dateMs)
  return { nowMs: clock.nowMs, originMs: clock.originMs }
}

describe('LogClock', () => {
  it('knows nothing at first', () => {
    expect(clockAfter()).to.deep.equal({ nowMs: null, originMs: null })
  })

  it('counts a midnight that passes', () => {
    expect(clockAfter([23 * HOUR_MS, null], [HOUR_MS, null]).nowMs).to.equal(DAY_MS + HOUR_MS)
  })

  it('takes a sentence that comes late over midnight for one of the day before', () => {
    const { nowMs } = clockAfter([23 * HOUR_MS, null], [0, null], [23 * HOUR_MS, null])
    expect(nowMs).to.equal(23 * HOUR_MS)
  })

  it('learns the date later than the time', () => {
    const clock = clockAfter([23 * HOUR_MS, null], [HOUR_MS, null], [HOUR_MS, SOLSTICE_MS])
    expect(clock).to.deep.equal({ nowMs: DAY_MS + HOUR_MS, originMs: SOLSTICE_MS - DAY_MS })
  })

  it('goes over days without a sentence when dates are told', () => {
    const clock = clockAfter([HOUR_MS, SOLSTICE_MS], [2 * HOUR_MS, SOLSTICE_MS + 5 * DAY_MS])
    expect(clock.nowMs).to.equal(5 * DAY_MS + 2 * HOUR_MS)
  })
})

import { expect } from 'chai'
import { randomBytes } from '@orlop/crypto/bytes'
import { BATTERY } from '@orlop/crypto/randomness/battery'
import { KmcError } from '../kmc-error.ts'
import { MonitoredSource, type MonitoredSourceOptions } from './monitored-source.ts'

const SEQUENCE_BYTES = 2500
const QUICK_TESTS = BATTERY.filter(({ rows }) =>
  ['monobit', 'poker, m = 4', 'runs', 'autocorrelation, d = 8'].includes(rows[0] ?? ''),
)

/** A source whose sequences to be tested come from a list; what else is asked of it is good. */
function sourceOf(sequences: (() => Uint8Array)[]) {
  const tested: number[] = []
  const source = (lengthBytes: number) => {
    if (lengthBytes !== SEQUENCE_BYTES) return randomBytes(lengthBytes)
    tested.push(lengthBytes)
    return (sequences.shift() ?? (() => randomBytes(SEQUENCE_BYTES)))()
  }
  return { source, tested }
}

const zeros = () => new Uint8Array(SEQUENCE_BYTES)
const good = () => randomBytes(SEQUENCE_BYTES)
const slanted = () => randomBytes(SEQUENCE_BYTES).map((byte) => byte | (randomBytes(1)[0]! & 0x11))
const counting = () => Uint8Array.from({ length: SEQUENCE_BYTES }, (_, at) => at)

function monitored(
  options: Pick<MonitoredSourceOptions, 'source'> & Partial<MonitoredSourceOptions>,
) {
  const time = { nowMs: 1_000_000, monotonicMs: 0 }
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.monotonicMs }
  const source = new MonitoredSource({
    clock,
    tests: QUICK_TESTS,
    sequenceBytes: SEQUENCE_BYTES,
    periodMs: 1000,
    ...options,
  })
  return { source, time }
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(() => null).catch((reason: unknown) => reason)
  return error instanceof KmcError ? error.code : error
}

describe('the monitored random source', () => {
  it('generates nothing before its power-on test, and then what the source gives', async () => {
    const { source } = monitored(sourceOf([]))
    expect(await codeOf(source.generate(32))).to.equal('RANDOM_NOT_TESTED')
    expect(source.status).to.deep.equal({ state: 'untested', testedAtMs: null, failures: [] })
    await source.test()
    const [one, other] = [await source.generate(32), await source.generate(32)]
    expect(one).to.have.length(32)
    expect(one).to.not.deep.equal(other)
    expect(source.status).to.deep.equal({ state: 'good', testedAtMs: 1_000_000, failures: [] })
  })

  for (const [name, bad] of Object.entries({ zeros, slanted, counting })) {
    it(`forgives one bad test (${name}), and after two refuses for good and says which failed`, async () => {
      const once = monitored(sourceOf([bad, good]))
      await once.source.test()
      expect(await once.source.generate(16)).to.have.length(16)

      const twice = monitored(sourceOf([bad, bad]))
      expect(await codeOf(twice.source.test())).to.equal('RANDOM_REFUSED')
      expect(twice.source.status.failures).to.not.deep.equal([])
      expect(await codeOf(twice.source.generate(16))).to.equal('RANDOM_REFUSED')
      expect(await codeOf(twice.source.test()), 'a later good test').to.equal('RANDOM_REFUSED')
    })
  }

  it('is tested again when its time has come, before it gives anything more', async () => {
    const { source: from, tested } = sourceOf([good, good, zeros, zeros])
    const { source, time } = monitored({ source: from })
    await source.test()
    time.monotonicMs = 999
    await source.generate(16)
    expect(tested).to.have.length(1)
    time.monotonicMs = 1000
    await Promise.all([source.generate(16), source.generate(16)])
    expect(tested, 'both share one test').to.have.length(2)
    time.monotonicMs = 2000
    expect(await codeOf(source.generate(16))).to.equal('RANDOM_REFUSED')
  })

  it('does not mind that the clock on the wall jumps', async () => {
    const { source: from, tested } = sourceOf([])
    const { source, time } = monitored({ source: from })
    await source.test()
    time.nowMs = 0
    await source.generate(16)
    expect(tested).to.have.length(1)
  })

  it('is tested on demand, and a failure then counts as well', async () => {
    const { source } = monitored(sourceOf([good, zeros, zeros]))
    await source.test()
    expect(await codeOf(source.test())).to.equal('RANDOM_REFUSED')
    expect(source.status.state).to.equal('refusing')
  })

  it('refuses when the source fails, or gives too little', async () => {
    const broken = monitored({ source: () => Promise.reject(new Error('unplugged')) })
    expect(await codeOf(broken.source.test())).to.equal('RANDOM_REFUSED')
    const short = monitored({ source: (lengthBytes) => randomBytes(lengthBytes - 1) })
    expect(await codeOf(short.source.test())).to.equal('RANDOM_REFUSED')
  })

  it('passes the platform’s source by all tests of GM/T 0005-2021, and catches one that repeats itself', async function () {
    // All tests of 10⁶ bits take seconds, and more on a machine that does other things.
    this.timeout(240_000)
    const clock = { nowMs: () => 0, monotonicMs: () => 0 }
    const platform = new MonitoredSource({ source: randomBytes, clock })
    await platform.test()
    expect(platform.status.state).to.equal('good')
    const serial = BATTERY.filter(({ rows }) => rows[0]?.startsWith('serial'))
    const pattern = randomBytes(1000)
    const stuck = (lengthBytes: number) =>
      Uint8Array.from({ length: lengthBytes }, (_, at) => pattern[at % 1000]!)
    const repeating = new MonitoredSource({ source: stuck, clock, tests: serial })
    expect(await codeOf(repeating.test())).to.equal('RANDOM_REFUSED')
  })
})

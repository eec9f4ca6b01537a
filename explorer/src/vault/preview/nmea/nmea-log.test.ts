import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { type LogSummary, NmeaLog } from './nmea-log.ts'
import { linesOf, sentenceOf } from './sentences.fixture.ts'

/** Of a real voyage: see samples/README.md. */
const EXCERPT = new URL('../../../../../samples/voyage/plaka-excerpt.nmea', import.meta.url)

function summarize(...pieces: readonly Uint8Array[]): LogSummary {
  const log = new NmeaLog()
  for (const piece of pieces) log.push(piece)
  return log.finish()
}

const fixOf = (time: string, latitude = '6005.0', talker = 'GP') =>
  sentenceOf(`${talker}GLL,${latitude},N,02332.0,E,${time},A,D`)

describe('NmeaLog', () => {
  describe('on the log of a real voyage', () => {
    let bytes = new Uint8Array()
    before(async () => {
      bytes = new Uint8Array(await readFile(EXCERPT))
    })

    it('finds every sentence and no bad one', () => {
      const { sentences, badChecksums, otherLines, addresses } = summarize(bytes)
      expect({ sentences, badChecksums, otherLines }).to.deep.equal({
        sentences: 3000,
        badChecksums: 0,
        otherLines: 0,
      })
      expect(addresses.reduce((sum, { count }) => sum + count, 0)).to.equal(3000)
      expect(addresses[0]?.address).to.equal('IIHDT')
    })

    it('finds where and how fast the ship went', () => {
      const { track, speed, originMs } = summarize(bytes)
      const text = new TextDecoder().decode(bytes)
      const fixes = [...text.matchAll(/^\$GPGLL,(\d\d)([\d.]+),N,(\d{3})([\d.]+),E,\d{6},A/gm)]
      const speeds = [...text.matchAll(/^\$IIVTG(?:,[^,]*){4},([\d.]+),N/gm)].map((each) =>
        Number(each[1]),
      )
      const [, degrees, minutes, degreesEast, minutesEast] = fixes[0] ?? []
      expect(track?.source).to.equal('GPGLL')
      expect(track?.fixes).to.equal(fixes.length)
      expect(track?.points[0]).to.deep.include({
        latitude: Number(degrees) + Number(minutes) / 60,
        longitude: Number(degreesEast) + Number(minutesEast) / 60,
      })
      expect(speed?.highestKnots).to.equal(Math.max(...speeds))
      // The ship's log has times of day only.
      expect(originMs).to.equal(null)
      const hours = ((track?.points.at(-1)?.timeMs ?? 0) - (track?.points[0]?.timeMs ?? 0)) / 3.6e6
      const miles = (track?.distanceMetres ?? 0) / 1852
      expect(miles / hours).to.be.closeTo(speed?.meanKnots ?? 0, 0.3)
    })

    it('says the same however the bytes are cut', () => {
      const whole = summarize(bytes)
      for (const step of [1, 7, 1000, 65_536]) {
        const pieces: Uint8Array[] = []
        for (let at = 0; at < bytes.length; at += step) pieces.push(bytes.subarray(at, at + step))
        expect(summarize(...pieces), String(step)).to.deep.equal(whole)
      }
    })

    it('counts a line with a flipped byte as bad, and uses nothing of it', () => {
      const lines = new TextDecoder().decode(bytes).trim().split(/\r?\n/)
      const flips = fc.record({
        line: fc.constantFrom(...lines),
        at: fc.nat(200),
        flipped: fc.integer({ min: 1, max: 255 }),
      })
      fc.assert(
        fc.property(flips, ({ line, at, flipped }) => {
          const damaged = Buffer.from(line)
          const index = at % damaged.length
          damaged[index] = (damaged[index] ?? 0) ^ flipped
          // A hexadecimal digit may be written small or large: that changes nothing.
          fc.pre(damaged.toString('latin1').toUpperCase() !== line.toUpperCase())
          const { sentences, badChecksums, otherLines, track, speed } = summarize(damaged)
          expect(sentences).to.equal(0)
          expect(badChecksums + otherLines).to.be.at.least(1)
          expect([track, speed]).to.deep.equal([null, null])
        }),
        { numRuns: 2000 },
      )
    })
  })

  it('reads any bytes without an error, and counts every line once', () => {
    const nearly = fc.string({
      unit: fc.constantFrom(...Array.from('$!*\\,\r\n0123456789ABCDEFGLRMCVTZ.-\0\u00ff')),
      maxLength: 400,
    })
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      nearly.map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        const { sentences, badChecksums, otherLines } = summarize(bytes)
        const lines = Buffer.from(bytes)
          .toString('latin1')
          .split(/[\r\n]/)
          .filter((line) => /[^\0-\x20]/.test(line))
        expect(sentences + badChecksums + otherLines).to.equal(lines.length)
      }),
      { numRuns: 2000 },
    )
  })

  it('reads any fields of sentences with a right checksum without an error', () => {
    const field = fc.oneof(
      fc.constantFrom('', 'A', 'V', 'N', 'S', 'E', 'W', '235959', '9999.99', '1e9', '-1', 'NaN'),
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789.')) }),
    )
    const sentence = fc
      .tuple(
        fc.constantFrom('GPGGA', 'GNRMC', 'IIGLL', 'GPVTG', 'INGNS', 'GPZDA'),
        fc.array(field, { maxLength: 12 }),
      )
      .map(([address, fields]) => sentenceOf([address, ...fields].join(',')))
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 20 }), (sentences) => {
        const summary = summarize(linesOf(...sentences))
        expect(summary.sentences).to.equal(sentences.length)
        for (const { latitude, longitude } of summary.track?.points ?? []) {
          expect(Math.abs(latitude)).to.be.at.most(90)
          expect(Number.isFinite(longitude)).to.equal(true)
        }
      }),
    )
  })

  it('follows the source with the most fixes, not a zigzag between two receivers', () => {
    const summary = summarize(
      linesOf(
        fixOf('100000', '6005.0', 'GP'),
        fixOf('100000', '6005.1', 'II'),
        fixOf('100001', '6005.1', 'II'),
        fixOf('100001', '6005.0', 'GP'),
        fixOf('100002', '6005.1', 'II'),
      ),
    )
    expect(summary.track?.source).to.equal('IIGLL')
    expect(new Set(summary.track?.points.map(({ latitude }) => latitude)).size).to.equal(1)
  })

  it('breaks the line when that receiver has no fix, not when another has none', () => {
    const none = (talker: string) => sentenceOf(`${talker}GLL,,,,,100001,V,N`)
    const breaksWith = (talker: string) =>
      summarize(linesOf(fixOf('100000'), none(talker), fixOf('100002'))).track?.breaks
    expect([breaksWith('GP'), breaksWith('II')]).to.deep.equal([1, 0])
  })

  it('gives times with the date that a sentence told', () => {
    const summary = summarize(
      linesOf(fixOf('235959'), sentenceOf('GPZDA,000001,23,03,2022,,'), fixOf('000001')),
    )
    expect(summary.originMs).to.equal(Date.UTC(2022, 2, 22))
    expect(summary.track?.points.map(({ timeMs }) => timeMs)).to.deep.equal([
      86_399_000, 86_401_000,
    ])
  })

  it('does not fill the memory with the names or the bytes of a hostile log', () => {
    const log = new NmeaLog()
    for (let index = 0; index < 500; index++) {
      const name = String.fromCharCode(65 + (index % 26), 65 + Math.floor(index / 26))
      log.push(linesOf(fixOf('100000', '6005.0', name)))
    }
    const endless = new Uint8Array(1024 * 1024).fill(0x24)
    for (let index = 0; index < 32; index++) log.push(endless)
    const { addresses, sentences, otherLines } = log.finish()
    expect(addresses.length).to.equal(64)
    expect({ sentences, otherLines }).to.deep.equal({ sentences: 500, otherLines: 1 })
  })
})

import { createHash } from 'node:crypto'

import { expect } from 'chai'

import { BATTERY } from './battery.ts'
import { type Bits, unpackBits } from './bits.ts'

const BIT_COUNT = 2 ** 17

describe('battery', () => {
  const names = BATTERY.flatMap(({ rows }) => rows)

  it('gives as many values as it names rows, each a probability', () => {
    const bits = goodBits()
    for (const { rows, run } of BATTERY) {
      const { pValues, qValues } = run(bits)
      expect(pValues, rows.join()).to.have.length(rows.length)
      expect(qValues, rows.join()).to.have.length(rows.length)
      for (const value of [...pValues, ...qValues]) expect(value).to.be.within(0, 1)
    }
  })

  it('names every row once and covers the fifteen tests of GM/T 0005-2021', () => {
    expect(new Set(names).size).to.equal(names.length)
    const tests = new Set(names.map((name) => name.replace(/ of (ones|zeros)|,.*$/g, '')))
    expect([...tests]).to.have.members([
      'monobit',
      'block frequency',
      'poker',
      'serial',
      'runs',
      'run distribution',
      'longest run',
      'binary derivative',
      'autocorrelation',
      'matrix rank',
      'cumulative sums',
      'approximate entropy',
      'linear complexity',
      'Maurer universal',
      'discrete Fourier transform',
    ])
  })

  it('finds nothing against SHA-256 in counter mode', () => {
    expect(failuresOf(goodBits(), 1e-5)).to.deep.equal([])
  })

  it('finds every kind of flaw with the rows meant for it, and every row finds one', () => {
    const found = new Set<string>()
    for (const [flaw, { bits, finders }] of Object.entries(flawedSources())) {
      const failures = failuresOf(bits, 1e-5)
      expect(failures, flaw).to.include.members(finders)
      for (const name of failures) found.add(name)
    }
    expect([...found]).to.have.members(names)
  })
})

function failuresOf(bits: Bits, level: number): string[] {
  return BATTERY.flatMap(({ rows, run }) => {
    const { pValues } = run(bits)
    return rows.filter((_, index) => pValues[index]! < level)
  })
}

function goodBits(): Bits {
  const digests = Array.from({ length: BIT_COUNT / 256 }, (_, index) =>
    createHash('sha256').update(String(index)).digest(),
  )
  return unpackBits(Buffer.concat(digests))
}

/** Good bits, spoilt in one way each, with rows that must find it. */
function flawedSources(): Record<string, { bits: Bits; finders: string[] }> {
  const good = goodBits()
  const spoil = (rule: (index: number, before: Bits) => number): Bits => {
    const bits = Uint8Array.from(good)
    for (let i = 0; i < bits.length; i++) bits[i] = rule(i, bits)
    return bits
  }
  return {
    'four ones more in a hundred': {
      bits: spoil((i) => (i % 25 === 0 ? 1 : good[i]!)),
      finders: ['monobit', 'cumulative sums, forwards', 'cumulative sums, backwards'],
    },
    'balanced as a whole, not in its halves': {
      bits: spoil((i) => (i % 20 === 0 ? Number(i < BIT_COUNT / 2) : good[i]!)),
      finders: ['cumulative sums, forwards', 'block frequency, m = 10000'],
    },
    'every third bit repeats the second': {
      bits: spoil((i, before) => (i % 3 === 2 ? before[i - 1]! : good[i]!)),
      finders: ['runs', 'run distribution', 'serial, m = 2, first', 'autocorrelation, d = 1'],
    },
    'runs of ones are cut at nine': {
      bits: spoil((i, before) =>
        before.subarray(Math.max(i - 9, 0), i).every((bit) => bit === 1) ? 0 : good[i]!,
      ),
      finders: ['longest run of ones, m = 10000'],
    },
    'a period of 500 bits': {
      bits: spoil((i) => good[i % 500]!),
      finders: [
        'discrete Fourier transform',
        'linear complexity, m = 1000 (400 blocks)',
        'Maurer universal, L = 7',
      ],
    },
    'a register of 20 places': {
      bits: spoil((i, before) => (i < 20 ? good[i]! : before[i - 20]! ^ before[i - 17]!)),
      finders: ['linear complexity, m = 500 (400 blocks)', 'matrix rank'],
    },
    'all zeros': { bits: new Uint8Array(BIT_COUNT), finders: ['poker, m = 4', 'poker, m = 8'] },
    'zeros and ones in turn': {
      bits: spoil((i) => i % 2),
      finders: ['binary derivative, k = 3'],
    },
    ...Object.fromEntries(
      [1, 2, 8, 16, 32, 128].map((shift) => [
        `like itself ${shift} bits before`,
        {
          bits: spoil((i, before) => (i % 8 === 0 && i >= shift ? before[i - shift]! : good[i]!)),
          finders: [`autocorrelation, d = ${shift}`],
        },
      ]),
    ),
  }
}

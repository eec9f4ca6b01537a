import { expect } from 'chai'
import { formatNumber, formatReport, type BenchReport } from './report.ts'

const REPORT: BenchReport = {
  startedAt: '2026-01-01T00:00:00.000Z',
  seconds: 3,
  isQuick: false,
  machine: {
    cpu: 'Example CPU',
    cores: 2,
    memoryGiB: 8,
    system: 'Linux 6 x64',
    node: 'v24.0.0',
    loadAverage: [0.1, 0.2, 0.3],
  },
  loadAverageAfter: [1, 2, 3],
  benches: [
    {
      name: 'seal',
      measures: 'how fast',
      seconds: 2,
      rows: [
        { metric: 'a ÷ b', unit: '×', median: 0.51234, min: 0.5, max: 1, runs: 3 },
        {
          metric: 'wall',
          unit: 's',
          median: 12,
          min: 1,
          max: 20,
          runs: 3,
          bar: { atMost: 10 },
          met: false,
        },
      ],
      skipped: [{ what: 'age', reason: 'not installed' }],
      failure: null,
    },
    { name: 'gas', measures: 'gas', seconds: 1, rows: [], skipped: [], failure: 'no ledger' },
  ],
}

describe('bench report', () => {
  it('shows the machine, every row with its bar, what was skipped and what failed', () => {
    const text = formatReport(REPORT)
    expect(text).to.include('Example CPU, 2 cores, 8 GiB, Linux 6 x64, Node v24.0.0')
    expect(text).to.include('load average 0.1 0.2 0.3 before, 1 2 3 after')
    expect(text).to.match(/a ÷ b +0\.512 +0\.5 +1 +3 +×/)
    expect(text).to.match(/wall +12 +1 +20 +3 +s +≤ 10 MISSED/)
    expect(text).to.include('skipped age: not installed')
    expect(text).to.include('failed: no ledger')
  })

  it('gives numbers three digits that count', () => {
    expect(formatNumber(0.0012345)).to.equal('0.00123')
    expect(formatNumber(98.76)).to.equal('98.8')
    expect(formatNumber(1234.5)).to.equal('1235')
    expect(formatNumber(2)).to.equal('2')
  })
})

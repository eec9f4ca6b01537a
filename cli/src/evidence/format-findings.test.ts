import { expect } from 'chai'
import { formatFindings } from './format-findings.ts'
import { sampleEvidence } from './sample-evidence.fixture.ts'

const report = {
  isSound: false,
  fileHash: 'ab'.repeat(32),
  evidence: sampleEvidence(1),
  findings: [
    { subject: 'ledger', statement: 'chain', result: 'holds', reason: null },
    { subject: 'ledger', statement: 'contracts', result: 'open', reason: 'nobody said' },
    { subject: 'node 1', statement: 'was called "A\u001b[2J"', result: 'fails', reason: 'no\n' },
    { subject: 'ledger', statement: 'head', result: 'holds', reason: null },
  ],
} as const

describe('findings on the command line', () => {
  it('say what holds of one subject in one line, and all else each in its own', () => {
    const lines = formatFindings('e.json', report).split('\n')
    expect(lines).to.include('holds  ledger: chain, head')
    expect(lines).to.include('open   ledger: contracts: nobody said')
    expect(lines.at(-1)).to.equal('The evidence does NOT hold: 1 of 4 statements fail.')
  })

  it('let no name from a file steer the terminal', () => {
    const text = formatFindings('e\u001b.json', report)
    expect(text).to.not.match(/\u001b/)
    expect(text).to.contain('FAILS  node 1: was called "A\uFFFD[2J": no\uFFFD')
  })
})

import { expect } from 'chai'
import { readCounts } from './steps.ts'

describe('counts of a test runner', () => {
  it('are read, colours and several reports included', () => {
    const output =
      '\u001b[92m \u001b[0m\u001b[32m 12 passing\u001b[0m (3s)\n  1 failing\n\n  3 passing\n'
    expect(readCounts(output, 1)).to.deep.equal({ passed: 15, failed: 1 })
  })

  it('are not taken twice where a runner sums up its parts', () => {
    const output = '  25 passing\n  74 passing (43s)\n\n99 passing (25 solidity, 74 mocha)\n'
    expect(readCounts(output, 0)).to.deep.equal({ passed: 99, failed: 0 })
  })

  it('name a crash and an empty run as a failure', () => {
    expect(readCounts('5 passing\n', 134)).to.deep.equal({ passed: 5, failed: 1 })
    expect(readCounts('', 0)).to.deep.equal({ passed: 0, failed: 1 })
  })
})

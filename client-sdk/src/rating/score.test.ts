import { expect } from 'chai'
import { asLate, scoreOf, type Measurements } from './score.ts'

function measured(changes: Partial<Measurements> = {}): Measurements {
  return {
    bytesPerSecond: null,
    expectedBytesPerSecond: 1_000,
    interruptions: 0,
    gaveWrongData: false,
    ...changes,
  }
}

describe('automatic rating', () => {
  const cases: [string, Partial<Measurements>, number, string][] = [
    ['a node that kept its word', {}, 5, 'stored-well'],
    ['a node as fast as expected', { bytesPerSecond: 1_000 }, 5, 'stored-well'],
    ['a node below the expectation', { bytesPerSecond: 999 }, 4, 'slow'],
    ['a node below a quarter of it', { bytesPerSecond: 249 }, 3, 'slow'],
    ['a link that broke twice', { interruptions: 2 }, 5, 'stored-well'],
    ['a link that broke three times', { interruptions: 3 }, 4, 'interrupted'],
    ['a link that broke ten times', { interruptions: 10 }, 3, 'interrupted'],
    ['slow and interrupted alike', { bytesPerSecond: 500, interruptions: 3 }, 4, 'slow'],
    ['wrong data, however fast', { bytesPerSecond: 9_999, gaveWrongData: true }, 1, 'wrong-data'],
  ]
  for (const [what, changes, score, cause] of cases) {
    it(`gives ${score} (${cause}) for ${what}`, () => {
      expect(scoreOf(measured(changes))).to.deep.equal({ score, cause })
    })
  }

  it('gives 2 (late-record) to a node whose receipt another had to bring, but no more than it had', () => {
    const late = { score: 2, cause: 'late-record' }
    expect(asLate({ score: 5, cause: 'stored-well' })).to.deep.equal(late)
    expect(asLate({ score: 3, cause: 'slow' })).to.deep.equal(late)
    const wrong = { score: 1, cause: 'wrong-data' } as const
    expect(asLate(wrong)).to.deep.equal(wrong)
  })
})

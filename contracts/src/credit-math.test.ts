import { expect } from 'chai'
import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import {
  NO_EVIDENCE,
  RATINGS_PER_EPOCH,
  UNUSED_BUDGET,
  annulRating,
  applyRating,
  creditOf,
  spendBudget,
  type Evidence,
} from './credit-math.ts'

const score = fc.integer({ min: 1, max: 5 })
const scores = fc.array(score, { maxLength: 120 })

const after = (ratings: readonly number[], from: Evidence = NO_EVIDENCE): Evidence =>
  ratings.reduce(applyRating, from)
const fives = (count: number) => after(Array.from({ length: count }, () => 5))

describe('credit math', () => {
  it('keeps credit within 0 and 100 % and evidence within 50 ratings', () => {
    fc.assert(
      fc.property(scores, (ratings) => {
        const evidence = after(ratings)
        expect(creditOf(evidence)).to.be.within(0, 1_000_000)
        expect(Number(evidence.s + evidence.f)).to.be.at.most(50_000_000)
        expect(evidence.round).to.equal(BigInt(ratings.length))
      }),
    )
  })

  it('never falls by a 5 and never rises by a 1', () => {
    fc.assert(
      fc.property(scores, (ratings) => {
        const evidence = after(ratings)
        expect(creditOf(applyRating(evidence, 5))).to.be.at.least(creditOf(evidence))
        expect(creditOf(applyRating(evidence, 1))).to.be.at.most(creditOf(evidence))
      }),
    )
  })

  it('takes back what is left of a rating, to a few millionths', () => {
    fc.assert(
      fc.property(scores, score, scores, (before, annulled, later) => {
        const rated = applyRating(after(before), annulled)
        const back = annulRating(after(later, rated), { score: annulled, round: rated.round })
        const weight = BigInt(annulled - 1) * 250_000n
        const without = after(later, {
          s: rated.s - weight,
          f: rated.f - (1_000_000n - weight),
          round: rated.round,
        })
        const distance = (a: bigint, b: bigint) => Number(a > b ? a - b : b - a)
        expect(distance(back.s, without.s)).to.be.at.most(later.length + 2)
        expect(distance(back.f, without.f)).to.be.at.most(later.length + 2)
      }),
    )
  })

  it('counts four ratings each way in an epoch, whatever their order', () => {
    fc.assert(
      fc.property(scores, (ratings) => {
        let budget = UNUSED_BUDGET
        const counted = ratings.filter((next) => {
          const spent = spendBudget(budget, { score: next, epoch: 20_000n })
          budget = spent.budget
          return spent.counted
        })
        for (const isLift of [true, false]) {
          const offered = ratings.filter((next) => next >= 3 === isLift).length
          const taken = counted.filter((next) => next >= 3 === isLift).length
          expect(taken).to.equal(Math.min(offered, RATINGS_PER_EPOCH))
        }
      }),
    )
  })

  it('refuses scores that do not exist and ratings still to come', () => {
    for (const wrong of [0, 6, 2.5, Number.NaN]) {
      expect(() => applyRating(NO_EVIDENCE, wrong)).to.throw(RangeError, 'score')
    }
    expect(() => annulRating(NO_EVIDENCE, { score: 1, round: 1n })).to.throw(RangeError, 'round')
  })

  it('is what docs/credit.md shows', async () => {
    const page = await readFile(new URL('../../docs/credit.md', import.meta.url), 'utf8')
    for (const count of [0, 1, 2, 3, 5, 10, 20, 50, 100, 200]) {
      expect(page.replaceAll(/ +/g, ' ')).to.include(rowFor(count))
    }
  })
})

/** A row of the table in docs/credit.md. */
function rowFor(count: number): string {
  const start = fives(count)
  const percent = (evidence: Evidence) => (creditOf(evidence) / 10_000).toFixed(1)
  let recovering = applyRating(start, 1)
  let needed = 0
  for (; creditOf(recovering) < creditOf(start); needed += 1)
    recovering = applyRating(recovering, 5)
  const cells = [
    percent(start),
    percent(after([4], start)),
    percent(after([3], start)),
    percent(after([1], start)),
    percent(after([1, 1, 1], start)),
  ]
  return `| ${count} | ${cells.join(' | ')} | ${needed} |`
}

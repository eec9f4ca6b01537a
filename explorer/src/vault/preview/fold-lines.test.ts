import { expect } from 'chai'
import fc from 'fast-check'
import { foldLines, MAX_LINE_CHARACTERS } from './fold-lines.ts'

const textOf = (text: string) => foldLines(text).blocks.join('\n')

describe('foldLines', () => {
  it('leaves lines of a usual length as they are', () => {
    for (const text of ['', '\n', 'a\nbc\n', '\n\nabc']) expect(textOf(text)).to.equal(text)
    expect(foldLines('a\nbcd\ne').longest).to.equal(3)
  })

  it('breaks a long line and says how long it was', () => {
    const { blocks, longest } = foldLines(`x\n${'a'.repeat(2500)}\ny`)
    expect(
      blocks
        .join('\n')
        .split('\n')
        .map((line) => line.length),
    ).to.deep.equal([1, 1000, 1000, 500, 1])
    expect(longest).to.equal(2500)
  })

  it('makes blocks of some thousand characters', () => {
    for (const text of ['a'.repeat(100_000), '\n'.repeat(100_000), 'ab\n'.repeat(30_000)]) {
      const { blocks } = foldLines(text)
      expect(blocks.length).to.be.within(10, 20)
      for (const block of blocks) expect(block.length).to.be.at.most(9002)
      expect(blocks.join('').replaceAll('\n', '')).to.equal(text.replaceAll('\n', ''))
    }
  })

  it('does not cut a character in two, and loses none', () => {
    const unit = fc.constantFrom('a', '\n', '👩', '航')
    const texts = fc
      .tuple(fc.string({ unit, maxLength: 5 }), fc.constantFrom('👩', 'a'), fc.nat(2500))
      .map(([start, fill, count]) => start + fill.repeat(count))
    fc.assert(
      fc.property(texts, (text) => {
        const folded = textOf(text)
        expect(folded.replaceAll('\n', '')).to.equal(text.replaceAll('\n', ''))
        for (const line of folded.split('\n')) {
          expect(line.isWellFormed()).to.equal(true)
          expect(line.length).to.be.at.most(MAX_LINE_CHARACTERS + 1)
        }
      }),
    )
  })
})

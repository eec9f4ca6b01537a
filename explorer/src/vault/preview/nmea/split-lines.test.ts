import { expect } from 'chai'
import fc from 'fast-check'
import { LineSplitter } from './split-lines.ts'

/** Lines as text; those too long are null. */
function split(pieces: readonly Uint8Array[], maxLineBytes = 8): (string | null)[] {
  const lines: (string | null)[] = []
  const take = (line: Uint8Array | null) =>
    lines.push(line === null ? null : Buffer.from(line).toString('latin1'))
  const splitter = new LineSplitter(take, maxLineBytes)
  for (const piece of pieces) splitter.push(piece)
  splitter.finish()
  return lines
}

describe('LineSplitter', () => {
  it('ends lines at LF, CR and both', () => {
    const lines = split([Buffer.from('a\nb\rc\r\nd')]).filter((line) => line !== '')
    expect(lines).to.deep.equal(['a', 'b', 'c', 'd'])
  })

  it('gives null for a line that is too long, and goes on with the next', () => {
    expect(split([Buffer.from('12345678\n123456789\nx')])).to.deep.equal(['12345678', null, 'x'])
  })

  it('does not care where the pieces end', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r'), maxLength: 60 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(20)), (content, cuts) => {
        const bytes = Buffer.from(content)
        const pieces: Uint8Array[] = []
        let at = 0
        for (const cut of cuts) pieces.push(bytes.subarray(at, (at += cut)))
        pieces.push(bytes.subarray(at))
        expect(split(pieces)).to.deep.equal(split([bytes]))
      }),
    )
  })
})

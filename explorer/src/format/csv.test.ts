import { expect } from 'chai'
import { formatCsv } from './csv.ts'

describe('formatCsv', () => {
  it('quotes what would break a row', () => {
    expect(
      formatCsv(
        ['a', 'b'],
        [
          ['x,y', 'say "no"'],
          ['two\nlines', null],
        ],
      ),
    ).to.equal('\uFEFFa,b\r\n"x,y","say ""no"""\r\n"two\nlines",\r\n')
  })

  it('marks names that a spreadsheet would run as a formula', () => {
    for (const name of ['=HYPERLINK("x")', '+1', '-1', '@sum', '\tx']) {
      expect(formatCsv(['n'], [[name]])).to.match(/\r\n"?'/)
    }
  })

  it('leaves numbers as numbers', () => {
    expect(formatCsv(['n'], [[-5]])).to.equal('\uFEFFn\r\n-5\r\n')
  })
})

import { expect } from 'chai'
import { hexLines } from './hex-lines.ts'
import { MAX_COLUMNS, MAX_ROWS, parseTable } from './parse-table.ts'

describe('parseTable', () => {
  it('reads headings, quoted fields and columns of numbers', () => {
    expect(parseTable('time,remark,rpm\n1,"a, ""b""\nc",90.5\n2,,91\n', true)).to.deep.equal({
      heading: ['time', 'remark', 'rpm'],
      rows: [
        ['1', 'a, "b"\nc', '90.5'],
        ['2', '', '91'],
      ],
      columns: 3,
      allColumns: 3,
      isNumber: [true, false, true],
      hasMoreRows: false,
    })
  })

  for (const separator of [',', ';', '\t', '|']) {
    it(`finds fields between ${JSON.stringify(separator)}`, () => {
      const text = ['a', 'b'].join(separator) + '\n' + ['x', 'y'].join(separator) + '\n'
      expect(parseTable(text, true).rows).to.deep.equal([['x', 'y']])
    })
  }

  it('has no heading where the first row holds numbers', () => {
    const { heading, rows } = parseTable('1;2,5\n3;4,5\n', true)
    expect(heading).to.equal(null)
    expect(rows).to.have.length(2)
  })

  it('leaves out a row that the end of the part cut', () => {
    const { rows, hasMoreRows } = parseTable('a,b\n1,2\n3,', false)
    expect(rows).to.deep.equal([['1', '2']])
    expect(hasMoreRows).to.equal(true)
  })

  it('shows so many rows of a million, and says that there are more', () => {
    const { rows, hasMoreRows } = parseTable('a,b\n' + '1,2\n'.repeat(60_000), false)
    expect(rows).to.have.length(MAX_ROWS)
    expect(hasMoreRows).to.equal(true)
  })

  it('shows exactly as many rows as the limit without saying that there are more', () => {
    const { rows, hasMoreRows } = parseTable('a,b\n' + '1,2\n'.repeat(MAX_ROWS), true)
    expect(rows).to.have.length(MAX_ROWS)
    expect(hasMoreRows).to.equal(false)
  })

  it('shows so many columns, and cells of so many characters', () => {
    const { columns, allColumns, rows } = parseTable(
      `${'a,'.repeat(10_000)}\n${`${'x'.repeat(300)},`.repeat(10_000)}\n`,
      true,
    )
    expect({ columns, allColumns }).to.deep.equal({
      columns: MAX_COLUMNS,
      allColumns: 10_001,
    })
    expect(rows.flat().every((cell) => cell.length <= 202)).to.equal(true)
  })

  it('survives a quote that never ends', () => {
    expect(() => parseTable(`a,b\n"${'x,\n'.repeat(50_000)}`, false)).not.to.throw()
  })
})

describe('hexLines', () => {
  it('shows sixteen bytes a line, and a dot for what does not print', () => {
    const bytes = new Uint8Array([...Buffer.from('Orlop\0\n~'), 0x7f, ...Buffer.from('éabcdefg')])
    expect(hexLines(bytes)).to.deep.equal([
      {
        offset: '0000',
        hex: '4f 72 6c 6f 70 00 0a 7e  7f c3 a9 61 62 63 64 65',
        text: 'Orlop..~...abcde',
      },
      { offset: '0010', hex: '66 67', text: 'fg' },
    ])
  })

  it('shows the first 512 bytes and no more', () => {
    expect(hexLines(new Uint8Array(10_000))).to.have.length(32)
  })
})

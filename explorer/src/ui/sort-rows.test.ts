import { expect } from 'chai'
import { sortRows } from './sort-rows.ts'

describe('sortRows', () => {
  it('sorts names as people count', () => {
    expect(sortRows(['A10', 'a2', 'A1'], (name) => name, false)).to.deep.equal(['A1', 'a2', 'A10'])
  })

  it('turns round, keeps equal rows in place, and leaves the given rows alone', () => {
    const rows = [
      { name: 'x', size: 1 },
      { name: 'y', size: 2 },
      { name: 'z', size: 1 },
    ]
    const names = sortRows(rows, ({ size }) => size, true).map(({ name }) => name)
    expect(names).to.deep.equal(['y', 'x', 'z'])
    expect(rows.map(({ name }) => name)).to.deep.equal(['x', 'y', 'z'])
  })
})

import { expect } from 'chai'
import { readAll } from './read-all.ts'

const pages = (...sizes: number[]) => {
  const asked: (string | undefined)[] = []
  const readPage = (cursor: string | undefined) => {
    asked.push(cursor)
    const at = Number(cursor ?? 0)
    const items = Array.from({ length: sizes[at] ?? 0 }, (_, place) => `${at}.${place}`)
    return Promise.resolve({ items, nextCursor: at + 1 < sizes.length ? String(at + 1) : null })
  }
  return { readPage, asked }
}

describe('readAll', () => {
  it('follows cursors to the end', async () => {
    const { readPage, asked } = pages(2, 2, 1)
    expect(await readAll(readPage, 100)).to.deep.equal({
      items: ['0.0', '0.1', '1.0', '1.1', '2.0'],
      isCut: false,
    })
    expect(asked).to.deep.equal([undefined, '1', '2'])
  })

  it('stops at the limit and says so', async () => {
    const { readPage, asked } = pages(2, 2, 2)
    expect(await readAll(readPage, 3)).to.deep.equal({ items: ['0.0', '0.1', '1.0'], isCut: true })
    expect(asked).to.have.length(2)
  })

  it('calls a list that ends at the limit whole', async () => {
    expect((await readAll(pages(2, 2).readPage, 4)).isCut).to.equal(false)
  })
})

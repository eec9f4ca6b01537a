import { expect } from 'chai'
import { BrowserShelf } from './browser-shelf.ts'

const KEYRING = { text: '{"format":"orlop-keyring"}', label: 'keyring.json' }

describe('shelf for a keyring', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const shelf = new BrowserShelf(() => storage)

  beforeEach(() => kept.clear())

  it('gives back what was put there, until it is cleared', () => {
    expect(shelf.read()).to.equal(null)
    shelf.write(KEYRING)
    expect(new BrowserShelf(() => storage).read()).to.deep.equal(KEYRING)
    shelf.clear()
    expect(shelf.read()).to.equal(null)
    expect(kept.size).to.equal(0)
  })

  it('takes what is not its own for nothing', () => {
    shelf.write(KEYRING)
    const [key = ''] = kept.keys()
    for (const text of ['', 'null', '{}', '{"text":1,"label":""}', '<html>']) {
      kept.set(key, text)
      expect(shelf.read(), text).to.equal(null)
    }
  })

  it('remembers nothing where the browser stores nothing', () => {
    const closed = new BrowserShelf(() => {
      throw new Error('denied')
    })
    closed.write(KEYRING)
    closed.clear()
    expect(closed.read()).to.equal(null)
  })
})

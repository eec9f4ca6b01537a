import { expect } from 'chai'
import { FontBook } from './font-book.ts'

describe('the fonts of printed evidence', () => {
  const registered: string[] = []
  const book = new FontBook((font) => registered.push(font))
  const textOf = (text: string) =>
    book
      .runs(text, 'body')
      .map((run) => run.text)
      .join('')

  it('set Latin, Cyrillic and Chinese names, each letter once and in order', () => {
    const name = 'MV Ålesund, Жемчуг, 远洋之星'
    expect(textOf(name)).to.equal(name)
    expect(registered).to.include('noto-sans-sc-latin-400-normal')
    expect(registered).to.include('noto-sans-sc-cyrillic-400-normal')
    expect(registered.filter((font) => /sc-\d+-400/.test(font))).to.not.be.empty
    expect(new Set(registered).size).to.equal(registered.length)
  })

  it('set hashes in one width, and names among them in the other font', () => {
    const fonts = book.runs('0x12 远', 'mono').map(({ font }) => font)
    expect(fonts[0]).to.match(/^noto-sans-mono-latin/)
    expect(fonts[1]).to.match(/^noto-sans-sc-\d+/)
  })

  it('write letters that no font has as their codes', () => {
    expect(textOf('a\u{1F9ED}b\u{13000}')).to.match(/^a.*b\[U\+13000\]$/u)
  })

  it('let no control character, reversal or half letter into the document', () => {
    expect(textOf('a\u0000b\u202Ec\u2028d\uD800')).to.equal('a b c d\uFFFD')
  })
})

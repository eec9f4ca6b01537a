import { expect } from 'chai'
import { fileName } from './file-name.ts'

describe('fileName', () => {
  for (const [name, expected] of [
    ['noon-report.pdf', 'noon-report.pdf'],
    ['voyage/2203/航海計画 🚢.txt', '航海計画 🚢.txt'],
    ['..\\..\\evil.bat', 'evil.bat'],
    ['folder/', 'folder'],
    ['a\u202Efdp.exe', 'a_fdp.exe'],
    ['con:name?*.txt', 'con_name_.txt'],
    ['...', 'object'],
    ['', 'object'],
  ] as const) {
    it(`makes ${JSON.stringify(name)} ${JSON.stringify(expected)}`, () => {
      expect(fileName(name)).to.equal(expected)
    })
  }

  it('shortens a long name and keeps its ending', () => {
    const short = fileName(`${'長'.repeat(500)}.nmea`)
    expect(Array.from(short)).to.have.length(120)
    expect(short).to.match(/長\.nmea$/)
  })
})

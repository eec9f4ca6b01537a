import { expect } from 'chai'
import { entryOf } from '../testkit/sample-entries.ts'
import { entryPath, importanceKey, matchesSearch } from './file-entry.ts'

const PLAN = entryOf({
  name: 'Überfahrt/航海計画.txt',
  dataClass: 'voyage-plan',
  importance: 'critical',
  content: new Uint8Array(10),
  hoursAgo: 1,
  labels: { voyage: '2203-E' },
})

describe('entries of the list', () => {
  it('are found by parts of names and labels, in any case and any Unicode form', () => {
    for (const search of [
      '',
      'über',
      'u\u0308ber',
      '計画 2203',
      'VOYAGE=22',
      'e uberfahrt'.slice(0, 1),
    ]) {
      expect(matchesSearch(PLAN, search), search).to.equal(true)
    }
    for (const search of ['2204', 'über 2204']) {
      expect(matchesSearch(PLAN, search), search).to.equal(false)
    }
  })

  it('have pages of their own by owner and object', () => {
    expect(entryPath(PLAN)).to.match(/^\/files\/7\/orlop:[a-z2-7]{52}$/)
  })

  it('have names for how much they matter, and none for codes of later versions', () => {
    expect([1, 2, 3, 4].map(importanceKey)).to.deep.equal([
      'importance.critical',
      'importance.important',
      'importance.routine',
      null,
    ])
  })
})

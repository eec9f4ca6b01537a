import { expect } from 'chai'
import { catalogueConformance } from './catalogue.conformance.ts'
import { en } from './en.ts'
import { preferredLocale } from './locale.ts'
import { zhCn } from './zh-cn.ts'

catalogueConformance('message catalogue', {
  english: en,
  chinese: zhCn,
  sameInBoth: ['app.name', 'common.none', 'common.utc'],
})

describe('preferredLocale', () => {
  it('takes the first language that the pages have', () => {
    expect(preferredLocale(['fr-FR', 'zh-Hans-CN', 'en'])).to.equal('zh-CN')
    expect(preferredLocale(['en-GB', 'zh'])).to.equal('en')
    expect(preferredLocale(['el'])).to.equal('en')
  })
})

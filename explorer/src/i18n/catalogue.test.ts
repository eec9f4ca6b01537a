import { TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { parse } from '@formatjs/icu-messageformat-parser'
import { expect } from 'chai'
import { en } from './en.ts'
import { preferredLocale } from './locale.ts'
import { zhCn } from './zh-cn.ts'

type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>

const texts = (catalogue: Catalogue) =>
  new Map(
    Object.entries(catalogue).flatMap(([section, messages]) =>
      Object.entries(messages).map(([key, text]) => [`${section}.${key}`, text] as const),
    ),
  )

/** The arguments a message uses, wherever they stand in it. */
function argumentsOf(elements: MessageFormatElement[]): string[] {
  return elements.flatMap((element) => {
    if (element.type === TYPE.literal || element.type === TYPE.pound) return []
    if (element.type !== TYPE.plural && element.type !== TYPE.select) return [element.value]
    const inner = Object.values(element.options).flatMap(({ value }) => argumentsOf(value))
    return [element.value, ...inner]
  })
}

const argumentNames = (text: string) => [...new Set(argumentsOf(parse(text)))].sort()

describe('message catalogue', () => {
  const [english, chinese] = [texts(en), texts(zhCn)]

  it('has the same keys in every language', () => {
    expect([...chinese.keys()].sort()).to.deep.equal([...english.keys()].sort())
  })

  it('has no empty text and no text left in English', () => {
    const same = [...english].filter(([key, text]) => chinese.get(key) === text).map(([key]) => key)
    expect([...chinese.values()].filter((text) => text.trim() === '')).to.deep.equal([])
    expect(same).to.deep.equal(['app.name', 'common.none', 'common.utc'])
  })

  it('uses the same arguments in every language, and each message can be read', () => {
    for (const [key, text] of english) {
      expect(argumentNames(chinese.get(key) ?? ''), key).to.deep.equal(argumentNames(text))
    }
  })
})

describe('preferredLocale', () => {
  it('takes the first language that the pages have', () => {
    expect(preferredLocale(['fr-FR', 'zh-Hans-CN', 'en'])).to.equal('zh-CN')
    expect(preferredLocale(['en-GB', 'zh'])).to.equal('en')
    expect(preferredLocale(['el'])).to.equal('en')
  })
})

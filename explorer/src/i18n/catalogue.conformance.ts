import { TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser'
import { parse } from '@formatjs/icu-messageformat-parser'
import { expect } from 'chai'
import type { Catalogue } from './translator.ts'

const textsOf = (catalogue: Catalogue) =>
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

interface Catalogues {
  english: Catalogue
  chinese: Catalogue
  /** Keys of the texts that are the same in both languages, in the catalogue's order. */
  sameInBoth: readonly string[]
}

/** What holds of a catalogue in two languages. */
export function catalogueConformance(name: string, catalogues: Catalogues): void {
  describe(name, () => {
    const english = textsOf(catalogues.english)
    const chinese = textsOf(catalogues.chinese)

    it('has the same keys in every language', () => {
      expect([...chinese.keys()].sort()).to.deep.equal([...english.keys()].sort())
    })

    it('has no empty text and no text left in English', () => {
      const same = [...english].filter(([key, text]) => chinese.get(key) === text)
      expect([...chinese.values()].filter((text) => text.trim() === '')).to.deep.equal([])
      expect(same.map(([key]) => key)).to.deep.equal(catalogues.sameInBoth)
    })

    it('uses the same arguments in every language, and each message can be read', () => {
      for (const [key, text] of english) {
        expect(argumentNames(chinese.get(key) ?? ''), key).to.deep.equal(argumentNames(text))
      }
    })
  })
}

import type { en } from './en.ts'
import type { SameKeys } from './translator.ts'

export const LOCALES = ['en', 'zh-CN'] as const
export type Locale = (typeof LOCALES)[number]

/** The catalogue with any texts: the keys of the English one. */
export type Messages = SameKeys<typeof en>

/** The pages' language for what a browser prefers: the first it names that we have, English otherwise. */
export function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return 'zh-CN'
    if (/^en\b/i.test(language)) return 'en'
  }
  return 'en'
}

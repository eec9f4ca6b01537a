import { pagesEn } from './en-pages.ts'
import { wordsEn } from './en-words.ts'

/** Every text of the pages, in English. ICU MessageFormat; `zh-cn.ts` has the same keys. */
export const en = { ...wordsEn, ...pagesEn }

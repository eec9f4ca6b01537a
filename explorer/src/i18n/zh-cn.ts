import type { Messages } from './locale.ts'
import { pagesZhCn } from './zh-cn-pages.ts'
import { wordsZhCn } from './zh-cn-words.ts'

/** Every text of the pages, in simplified Chinese. */
export const zhCn: Messages = { ...wordsZhCn, ...pagesZhCn }

import { en } from './en.ts'
import type { Locale, Messages } from './locale.ts'

/** The texts of a language; those other than English come when they are asked for. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  if (locale === 'en') return en
  return (await import('./zh-cn.ts')).zhCn
}

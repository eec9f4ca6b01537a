import type { Locale } from '../../../i18n/locale.ts'
import { useText } from '../../../i18n/text.tsx'
import { type KeyOf, type MessageValues, translator } from '../../../i18n/translator.ts'
import { previewEn } from './en.ts'
import { previewZhCn } from './zh-cn.ts'

type PreviewKey = KeyOf<typeof previewEn>

/** The text for a key in the reader's language, with its values put in. */
export type PreviewTranslate = (key: PreviewKey, values?: MessageValues) => string

const TRANSLATORS: Readonly<Record<Locale, PreviewTranslate>> = {
  en: translator('en', previewEn),
  'zh-CN': translator('zh-CN', previewZhCn),
}

/** The previews' texts in the reader's language. */
export function usePreviewText(): { locale: Locale; t: PreviewTranslate } {
  const { locale } = useText()
  return { locale, t: TRANSLATORS[locale] }
}

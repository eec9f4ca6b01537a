import type { Locale } from '../../i18n/locale.ts'
import { useText } from '../../i18n/text.tsx'
import { translator, type KeyOf, type MessageValues } from '../../i18n/translator.ts'
import { vaultEn } from './en.ts'
import { vaultZhCn } from './zh-cn.ts'

/** `section.name` for every text of the vault's own catalogue. */
export type VaultKey = KeyOf<typeof vaultEn>

/** The text for a key in the reader's language, with its values put in. */
export type VaultTranslate = (key: VaultKey, values?: MessageValues) => string

const TRANSLATORS: Readonly<Record<Locale, VaultTranslate>> = {
  en: translator('en', vaultEn),
  'zh-CN': translator('zh-CN', vaultZhCn),
}

/** The vault's texts in the reader's language. Those that both sites share come from `useText`. */
export function useVaultText(): { locale: Locale; t: VaultTranslate } {
  const { locale } = useText()
  return { locale, t: TRANSLATORS[locale] }
}

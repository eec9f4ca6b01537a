import { LOCALES, type Locale } from '../i18n/locale.ts'
import { useText } from '../i18n/text.tsx'
import { THEMES, useTheme, type Theme } from './theme.ts'

const THEME_NAMES = {
  system: 'app.themeSystem',
  light: 'app.themeLight',
  dark: 'app.themeDark',
} as const satisfies Record<Theme, string>

/** Each language by its own name: its readers look for that. */
const LOCALE_NAMES: Record<Locale, string> = { en: 'English', 'zh-CN': '中文' }

/** In which language and colours the reader wants the pages. */
export function ReaderSettings() {
  const { t, locale, setLocale } = useText()
  const [theme, setTheme] = useTheme()
  return (
    <div className="deck-tools">
      <select
        aria-label={t('app.language')}
        value={locale}
        onChange={({ target }) => setLocale(LOCALES.find((each) => each === target.value) ?? 'en')}
      >
        {LOCALES.map((each) => (
          <option key={each} value={each} lang={each}>
            {LOCALE_NAMES[each]}
          </option>
        ))}
      </select>
      <select
        aria-label={t('app.theme')}
        value={theme}
        onChange={({ target }) =>
          setTheme(THEMES.find((each) => each === target.value) ?? 'system')
        }
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {t(THEME_NAMES[each])}
          </option>
        ))}
      </select>
    </div>
  )
}

import { IntlMessageFormat } from 'intl-messageformat'

/** Texts in ICU MessageFormat by section and name. */
export type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>

/** `section.name` for every text of a catalogue. */
export type KeyOf<C extends Catalogue> = {
  [S in keyof C & string]: `${S}.${keyof C[S] & string}`
}[keyof C & string]

/** A catalogue with any texts: the keys of another one. */
export type SameKeys<C extends Catalogue> = { [S in keyof C]: { [K in keyof C[S]]: string } }

export type MessageValues = Readonly<Record<string, string | number>>

/**
 * Gives the texts of one catalogue with their values put in.
 *
 * @param locale - BCP 47: how numbers and plurals are written.
 */
export function translator<C extends Catalogue>(
  locale: string,
  catalogue: C,
): (key: KeyOf<C>, values?: MessageValues) => string {
  const formats = new Map<string, IntlMessageFormat>()
  return (key, values) => {
    const [section = '', name = ''] = key.split('.')
    const text = catalogue[section]?.[name] ?? key
    if (!text.includes('{')) return text
    let format = formats.get(key)
    if (format === undefined) {
      format = new IntlMessageFormat(text, locale)
      formats.set(key, format)
    }
    return String(format.format(values))
  }
}

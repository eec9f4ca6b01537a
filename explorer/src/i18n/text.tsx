import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react'
import { en } from './en.ts'
import { loadMessages } from './load-messages.ts'
import { preferredLocale, type Locale, type Messages } from './locale.ts'
import { translator, type KeyOf, type MessageValues } from './translator.ts'
import { recall, remember } from '../ui/remembered.ts'

/** `section.key` for every text of the catalogue. */
export type MessageKey = KeyOf<typeof en>

/** The text for a key in the reader's language, with its values put in. */
export type Translate = (key: MessageKey, values?: MessageValues) => string

interface Text {
  locale: Locale
  setLocale: (locale: Locale) => void
  t: Translate
}

const TextContext = createContext<Text | null>(null)

/** Gives the pages their texts; shows nothing until those of the first language are there. */
export function TextProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState(() =>
    preferredLocale([recall('locale') ?? '', ...navigator.languages]),
  )
  const [loaded, setLoaded] = useState<{ locale: Locale; messages: Messages } | null>(null)
  useEffect(() => {
    let isWanted = true
    const show = (messages: Messages) => {
      if (!isWanted) return
      document.documentElement.lang = locale
      setLoaded({ locale, messages })
    }
    loadMessages(locale).then(show, () => show(en))
    return () => {
      isWanted = false
    }
  }, [locale])
  const text = useMemo(() => {
    if (loaded === null) return null
    const choose = (chosen: Locale) => {
      remember('locale', chosen)
      setLocale(chosen)
    }
    return {
      locale: loaded.locale,
      setLocale: choose,
      t: translator(loaded.locale, loaded.messages),
    }
  }, [loaded])
  return text === null ? null : <TextContext value={text}>{children}</TextContext>
}

/** @throws Error outside of {@link TextProvider}. */
export function useText(): Text {
  const text = use(TextContext)
  if (text === null) throw new Error('useText: expected a TextProvider above')
  return text
}

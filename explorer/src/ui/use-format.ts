import { useMemo } from 'react'
import { classKey, causeKey } from '../format/code-names.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatCount, formatCredit, formatCreditChange } from '../format/format-number.ts'
import { useText } from '../i18n/text.tsx'

/** How values look in the reader's language. */
export interface Format {
  bytes: (bytes: number) => string
  count: (count: number) => string
  credit: (millionths: number) => string
  creditChange: (millionths: number) => string
  className: (code: number) => string
  cause: (code: number) => string
}

export function useFormat(): Format {
  const { locale, t } = useText()
  return useMemo(
    () => ({
      bytes: (bytes) => formatBytes(bytes, locale),
      count: (count) => formatCount(count, locale),
      credit: (millionths) => formatCredit(millionths, locale),
      creditChange: (millionths) => formatCreditChange(millionths, locale),
      className: (code) => t(`class.${classKey(code)}`, { code }),
      cause: (code) => t(`cause.${causeKey(code)}`, { code }),
    }),
    [locale, t],
  )
}

/** A count with the locale's thousands marks. */
export function formatCount(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count)
}

/** Credit in percent with one digit. @param millionths - 0 to 1 000 000. */
export function formatCredit(millionths: number, locale: string): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(millionths / 1_000_000)
}

/** A change of credit in percentage points, signed. @param millionths - of the difference. */
export function formatCreditChange(millionths: number, locale: string): string {
  return new Intl.NumberFormat(locale, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(millionths / 10_000)
}

const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

/**
 * A number of bytes for people, in decimal units with three digits: `1.42 MB`.
 *
 * @param locale - BCP 47.
 */
export function formatBytes(bytes: number, locale: string): string {
  if (bytes < 1000) return `${bytes} B`
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3) - 1)
  // 999 999 rounds to 1000 kB: then it is 1 MB.
  const rounded = Number((bytes / 1000 ** (step + 1)).toPrecision(3))
  const isNext = rounded >= 1000 && step < UNITS.length - 1
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: UNITS[isNext ? step + 1 : step] ?? 'petabyte',
    maximumSignificantDigits: 3,
  }).format(isNext ? rounded / 1000 : rounded)
}

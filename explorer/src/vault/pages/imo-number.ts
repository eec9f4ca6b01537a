const DIGITS = /^\d{7}$/

/**
 * Reads an IMO ship identification number (IMO Resolution A.1117(30)): six digits and one that checks them.
 *
 * @returns 0 for nothing, null when it is none.
 */
export function readImoNumber(text: string): number | null {
  const digits = text.replace(/^\s*IMO/i, '').replaceAll(/\s/g, '')
  if (digits === '') return 0
  if (!DIGITS.test(digits)) return null
  const sum = [7, 6, 5, 4, 3, 2].reduce(
    (total, weight, place) => total + weight * Number(digits[place]),
    0,
  )
  return sum % 10 === Number(digits[6]) ? Number(digits) : null
}

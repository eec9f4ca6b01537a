const MAX_CLIENT_ID = 0xffff_ffff

/** A client's number on the ledger as people write it; null when it is none. */
export function readClientNumber(text: string): number | null {
  const digits = text.trim()
  if (!/^[1-9]\d{0,9}$/.test(digits)) return null
  const number = Number(digits)
  return number <= MAX_CLIENT_ID ? number : null
}

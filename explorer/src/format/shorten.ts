const HEAD = 6
const TAIL = 4

/** The two ends of an object's name or a hash, enough for people to tell them apart: `orlop:6ksw2q…7x4a`, `0x83ab12…90cd`. */
export function shorten(text: string): string {
  const prefix = /^(?:orlop:|0x)/.exec(text)?.[0] ?? ''
  const rest = text.slice(prefix.length)
  if (rest.length <= HEAD + TAIL + 1) return text
  return `${prefix}${rest.slice(0, HEAD)}…${rest.slice(-TAIL)}`
}

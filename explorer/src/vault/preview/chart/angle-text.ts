/** Decimals of minutes that a step needs. */
export type MinuteDecimals = 0 | 1 | 2 | 3

/** A latitude as charts write it: `60°05.07′N`. */
export function formatLatitude(degrees: number, decimals: MinuteDecimals): string {
  return `${angleText(Math.abs(degrees), decimals)}${degrees < 0 ? 'S' : 'N'}`
}

/** A longitude as charts write it: `23°32.35′E`, of any number of turns. */
export function formatLongitude(degrees: number, decimals: MinuteDecimals): string {
  const turned = degrees - Math.round(degrees / 360) * 360
  const text = angleText(Math.abs(turned), decimals)
  // Greenwich and its opposite are neither east nor west.
  if (/^(0|180)°00(\.0+)?′$/.test(text)) return text
  return `${text}${turned < 0 ? 'W' : 'E'}`
}

function angleText(degrees: number, decimals: MinuteDecimals): string {
  const unit = 10 ** decimals
  // Rounded as a whole, or 59.99′ would become 60′.
  const parts = Math.round(degrees * 60 * unit)
  const minutes = (parts % (60 * unit)) / unit
  const width = decimals === 0 ? 2 : 3 + decimals
  return `${Math.floor(parts / (60 * unit))}°${minutes.toFixed(decimals).padStart(width, '0')}′`
}

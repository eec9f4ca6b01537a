const MAX_LABELS = 32
const MAX_NAME_CHARACTERS = 128
const MAX_VALUE_CHARACTERS = 1024

/**
 * Reads labels as people write them: `voyage=007N, leg=2`.
 *
 * @returns null when one of them has no name or no value, or there are too many or too long ones.
 */
export function parseLabels(text: string): Record<string, string> | null {
  const parts = text.split(/[,，]/).filter((part) => part.trim() !== '')
  const labels: Record<string, string> = {}
  for (const part of parts) {
    const at = part.indexOf('=')
    const [name, value] = [part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim()]
    if (name === '' || value === '' || name === '__proto__') return null
    if (name.length > MAX_NAME_CHARACTERS || value.length > MAX_VALUE_CHARACTERS) return null
    labels[name] = value
  }
  return Object.keys(labels).length > MAX_LABELS ? null : labels
}

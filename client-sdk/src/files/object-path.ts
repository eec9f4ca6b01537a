/** An object's name taken apart: the folders are what stands before the last `/`. */
export function splitObjectPath(name: string): { folder: string; base: string } {
  const trimmed = name.replace(/\/+$/, '')
  const cut = trimmed.lastIndexOf('/')
  return { folder: trimmed.slice(0, Math.max(0, cut)), base: trimmed.slice(cut + 1) }
}

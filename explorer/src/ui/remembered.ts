const PREFIX = 'orlop.'

/** What this browser was asked to remember; null where it remembers nothing or may not. */
export function recall(name: 'locale' | 'theme'): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return null
  }
}

/** Keeps a choice of the reader for the next visit, where the browser allows it. */
export function remember(name: 'locale' | 'theme', value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value)
  } catch {
    // A browser that stores nothing still shows the pages.
  }
}

/**
 * Reads a list to its end.
 *
 * @param page - one page after the last name of the page before; empty after the last.
 */
export async function readAll<T>(
  page: (after: { after?: string }) => Promise<readonly T[]>,
  nameOf: (item: T) => string,
): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const last = all.at(-1)
    const items = await page(last === undefined ? {} : { after: nameOf(last) })
    if (items.length === 0) return all
    all.push(...items)
  }
}

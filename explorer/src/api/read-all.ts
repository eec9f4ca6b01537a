import type { ApiPage } from '@orlop/protocol/api/values'

/**
 * Every item of a list, page after page.
 *
 * @param readPage - asked with the cursor of the next page, undefined for the first.
 * @param limit - items at most.
 * @returns `isCut` when there are more.
 */
export async function readAll<T>(
  readPage: (cursor: string | undefined) => Promise<ApiPage<T>>,
  limit: number,
): Promise<{ items: T[]; isCut: boolean }> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await readPage(cursor)
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && items.length < limit)
  return { items: items.slice(0, limit), isCut: cursor !== undefined || items.length > limit }
}

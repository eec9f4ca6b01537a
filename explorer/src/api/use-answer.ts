import type { ApiAnswer, ApiRouteName } from '@orlop/protocol/api/routes'
import type { ApiPage } from '@orlop/protocol/api/values'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ask, type Question } from './ask.ts'
import { readAll } from './read-all.ts'

/** Routes that answer with pages of a list. */
export type ListRoute = {
  [N in ApiRouteName]: ApiAnswer<N> extends ApiPage<unknown> ? N : never
}[ApiRouteName]
export type ItemOf<N extends ListRoute> = ApiAnswer<N>['items'][number]

/** Rows of one page of a table. */
const PAGE_ITEMS = 50
const LARGEST_PAGE_ITEMS = 200
/** Members of the registry that a page loads at once, to sort and filter them. */
const MAX_MEMBERS = 2000

/** One answer, kept and asked again when something changed (see `Live`). */
export function useAnswer<N extends ApiRouteName>(
  route: N,
  question: Question = {},
  options: { enabled?: boolean } = {},
) {
  return useQuery({
    queryKey: [route, question],
    queryFn: ({ signal }) => ask(route, question, { signal }),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  })
}

/** A list that grows by pages as its reader asks for more. */
export function useList<N extends ListRoute>(route: N, question: Question, pageItems = PAGE_ITEMS) {
  return useInfiniteQuery({
    queryKey: [route, question, pageItems],
    queryFn: ({ pageParam, signal }) =>
      askPage(route, question, { cursor: pageParam, limit: pageItems, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    // Rows of the last filters stay, pale, until those of the new ones are there.
    placeholderData: keepPreviousData,
  })
}

/** A whole list of members, for tables that sort and filter by themselves. */
export function useWholeList<N extends 'nodes' | 'clients' | 'nodeCredit'>(
  route: N,
  question: Question = {},
) {
  return useQuery({
    queryKey: [route, question, 'whole'],
    queryFn: ({ signal }) => askAll(route, question, { limit: MAX_MEMBERS, signal }),
    placeholderData: keepPreviousData,
  })
}

/** Every item that fits a question, up to a limit: what an export writes. */
export function askAll<N extends ListRoute>(
  route: N,
  question: Question,
  { limit, signal }: { limit: number; signal?: AbortSignal },
): Promise<{ items: ItemOf<N>[]; isCut: boolean }> {
  const readPage = (cursor: string | undefined) =>
    askPage(route, question, {
      cursor,
      limit: Math.min(limit, LARGEST_PAGE_ITEMS),
      ...(signal === undefined ? {} : { signal }),
    })
  return readAll(readPage, limit)
}

async function askPage<N extends ListRoute>(
  route: N,
  { params, query }: Question,
  page: { cursor: string | undefined; limit: number; signal?: AbortSignal },
): Promise<ApiPage<ItemOf<N>>> {
  const { cursor, limit, signal } = page
  const answer = await ask(
    route,
    { ...(params === undefined ? {} : { params }), query: { ...query, cursor, limit } },
    signal === undefined ? {} : { signal },
  )
  return answer
}

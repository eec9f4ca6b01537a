import { useEffect, useState, type RefObject } from 'react'
import type { More } from './pager.tsx'
import { NARROW, PRINT, useMedia } from './use-media.ts'

/** Cards are read one by one: as many as a thumb scrolls through. */
const NARROW_ROWS = 10

interface PagesOptions {
  /** Rows of one page where there is room. */
  pageRows: number
  more: More | null
  /** Another value begins at the first page again. */
  startKey: string
  /** What to bring into view when a page is turned. */
  top: RefObject<HTMLElement | null>
}

export interface Pages<Row> {
  first: number
  rows: readonly Row[]
  turn: (step: 1 | -1) => void
}

/** Rows in pages; on paper all of them. */
export function usePages<Row>(rows: readonly Row[], options: PagesOptions): Pages<Row> {
  const { pageRows, more, startKey, top } = options
  const isNarrow = useMedia(NARROW)
  const isPrint = useMedia(PRINT)
  const size = isNarrow ? Math.min(NARROW_ROWS, pageRows) : pageRows
  const [place, setPlace] = useState({ startKey, page: 0, turns: 0 })
  if (place.startKey !== startKey) setPlace({ startKey, page: 0, turns: 0 })
  const lastPage = Math.max(0, Math.ceil(rows.length / size) - 1)
  // The page asked for may still be on its way, or gone with rows that a filter took.
  const page = Math.min(place.page, lastPage)
  const { turns } = place
  useEffect(() => {
    const element = top.current
    if (turns > 0 && element !== null && element.getBoundingClientRect().top < 0) {
      element.scrollIntoView({ block: 'start' })
    }
  }, [turns, page, top])
  const turn = (step: 1 | -1) => {
    const next = page + step
    if (next > lastPage) more?.load()
    setPlace({ startKey, page: Math.max(0, next), turns: turns + 1 })
  }
  if (isPrint) return { first: 0, rows, turn }
  const first = page * size
  return { first, rows: rows.slice(first, first + size), turn }
}

/** Beyond which edges of a frame its content goes on. */
export type CutEdges = 'none' | 'start' | 'end' | 'both'

/** Edges are rounded by browsers that zoom: this little is no content to scroll to. */
const ROUNDING_PX = 1

interface ScrollPosition {
  scrollLeft: number
  scrollWidth: number
  clientWidth: number
}

/** Tells from a scroll box where its content is cut. */
export function cutEdges({ scrollLeft, scrollWidth, clientWidth }: ScrollPosition): CutEdges {
  const isCutAtStart = scrollLeft > ROUNDING_PX
  const isCutAtEnd = scrollWidth - clientWidth - scrollLeft > ROUNDING_PX
  if (isCutAtStart) return isCutAtEnd ? 'both' : 'start'
  return isCutAtEnd ? 'end' : 'none'
}

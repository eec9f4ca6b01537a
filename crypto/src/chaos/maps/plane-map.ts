/** A point of a map of the plane. */
export interface PlanePoint {
  x: number
  y: number
}

/** A map of the plane onto itself, iterated to make key words. */
export interface PlaneMap {
  readonly name: 'henon' | 'logistic-2d'
  /**
   * Replaces `point` by its image. Both coordinates are computed from the old point; the order of
   * operations is part of the format.
   */
  iterate(point: PlanePoint): void
}

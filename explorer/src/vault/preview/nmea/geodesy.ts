import type { Position } from './observe.ts'

/** Mean radius of the Earth (IUGG). */
const EARTH_RADIUS_METRES = 6_371_008.8
export const METRES_PER_NAUTICAL_MILE = 1852

/** Great-circle distance by the haversine formula: within 0.6 % of the ellipsoid's. */
export function distanceMetres(from: Position, to: Position): number {
  const halfNorth = radians(to.latitude - from.latitude) / 2
  const halfEast = radians(to.longitude - from.longitude) / 2
  const haversine =
    Math.sin(halfNorth) ** 2 +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(halfEast) ** 2
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(haversine)))
}

export function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}

import { radians } from '../nmea/geodesy.ts'
import type { Position } from '../nmea/observe.ts'

/** A rectangle in pixels. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A Mercator chart of a part of the Earth, drawn into a frame. Longitudes may lie beyond ±180 to go on over that meridian. */
export interface Projection {
  readonly frame: Frame
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
  /** Pixels from the left. */
  readonly xOf: (longitude: number) => number
  /** Pixels from the top. */
  readonly yOf: (latitude: number) => number
  /** Ground covered by a pixel, the same in every direction. */
  readonly metresPerPixelAt: (latitude: number) => number
}

// WGS 84, as satellite receivers and electronic charts have it.
const SEMI_MAJOR_METRES = 6_378_137
const FLATTENING = 1 / 298.257223563
const ECCENTRICITY = Math.sqrt(FLATTENING * (2 - FLATTENING))
/** Mercator charts do not show the poles; what lies nearer is drawn at their edge. */
const MAX_LATITUDE = 85
/** A ship at its berth still gets a chart of its berth. */
const LEAST_SPAN_METRES = 370
/** Share of the frame around the track. */
const MARGIN = 0.08

/** The northing for an Earth of radius 1 (EPSG Guidance Note 7-2, Mercator variant A). */
function northingOf(latitude: number): number {
  const sine = Math.sin(radians(clampLatitude(latitude)))
  return Math.atanh(sine) - ECCENTRICITY * Math.atanh(ECCENTRICITY * sine)
}

/** The inverse of {@link northingOf}, by fixed point iteration: each step gains more than two digits. */
function latitudeOf(northing: number): number {
  let sine = Math.tanh(northing)
  for (let step = 0; step < 8; step++) {
    sine = Math.tanh(northing + ECCENTRICITY * Math.atanh(ECCENTRICITY * sine))
  }
  return (Math.asin(sine) * 180) / Math.PI
}

function clampLatitude(latitude: number): number {
  return Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, latitude))
}

/** Metres of the ground for a unit of the projection: the radius of the parallel. */
function metresPerUnit(latitude: number): number {
  const phi = radians(clampLatitude(latitude))
  const inMeridian = Math.sqrt(1 - (ECCENTRICITY * Math.sin(phi)) ** 2)
  return (SEMI_MAJOR_METRES * Math.cos(phi)) / inMeridian
}

/**
 * Fits a chart around places, with some sea on every side.
 *
 * @param points - at least one.
 */
export function fitMercator(points: readonly Position[], frame: Frame): Projection {
  const extent = extentOf(points)
  const middleX = (extent.west + extent.east) / 2
  const middleY = (extent.south + extent.north) / 2
  const leastSpan = LEAST_SPAN_METRES / metresPerUnit(latitudeOf(middleY))
  const perPixel = Math.max(
    (extent.east - extent.west) / (frame.width * (1 - 2 * MARGIN)),
    (extent.north - extent.south) / (frame.height * (1 - 2 * MARGIN)),
    leastSpan / Math.min(frame.width, frame.height),
  )
  const left = middleX - (perPixel * frame.width) / 2
  const top = middleY + (perPixel * frame.height) / 2
  return {
    frame,
    west: (left * 180) / Math.PI,
    east: ((left + perPixel * frame.width) * 180) / Math.PI,
    south: latitudeOf(top - perPixel * frame.height),
    north: latitudeOf(top),
    xOf: (longitude) => frame.left + (radians(longitude) - left) / perPixel,
    yOf: (latitude) => frame.top + (top - northingOf(latitude)) / perPixel,
    metresPerPixelAt: (latitude) => perPixel * metresPerUnit(latitude),
  }
}

/** In units of the projection. */
function extentOf(points: readonly Position[]) {
  const extent = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity }
  for (const { latitude, longitude } of points) {
    extent.west = Math.min(extent.west, radians(longitude))
    extent.east = Math.max(extent.east, radians(longitude))
    extent.south = Math.min(extent.south, northingOf(latitude))
    extent.north = Math.max(extent.north, northingOf(latitude))
  }
  return extent
}

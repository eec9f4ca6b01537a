import { METRES_PER_NAUTICAL_MILE } from '../nmea/geodesy.ts'

export interface ScaleBar {
  readonly nauticalMiles: number
  readonly widthPx: number
}

/** The longest bar of a round length (1, 2 or 5, and their tenfolds) that is at most so wide. */
export function makeScaleBar(metresPerPixel: number, mostPx: number): ScaleBar {
  const most = (mostPx * metresPerPixel) / METRES_PER_NAUTICAL_MILE
  const power = Math.floor(Math.log10(most))
  const digit = [5, 2, 1].find((each) => each * 10 ** power <= most) ?? 1
  // Divided where the power is negative: 0.05 and not 0.050000000000000003.
  const nauticalMiles = power < 0 ? digit / 10 ** -power : digit * 10 ** power
  return { nauticalMiles, widthPx: (nauticalMiles * METRES_PER_NAUTICAL_MILE) / metresPerPixel }
}

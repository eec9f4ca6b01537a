/** Lanczos coefficients, g = 7 (C. Lanczos, SIAM J. Numer. Anal. 1, 1964). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
]
const LANCZOS_G = 7
const RELATIVE_ERROR = 1e-15
/** Keeps a vanishing denominator of the continued fraction from dividing by zero. */
const TINY = 1e-300

/**
 * The regularised upper incomplete gamma function Q(a, x), `igamc` in NIST SP 800-22 (5.5.3): the
 * chance that a chi-square variable with 2a degrees of freedom exceeds 2x.
 *
 * @param a - above 0
 * @param x - a value below 0 counts as 0
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  return x < a + 1 ? 1 - lowerGammaSeries(a, x) : upperGammaFraction(a, x)
}

/** The complementary error function erfc, by its relation to the incomplete gamma function. */
export function upperErrorFunction(x: number): number {
  const tail = upperGamma(0.5, x * x)
  return x >= 0 ? tail : 2 - tail
}

/** The distribution function Φ of the standard normal distribution. */
export function normalDistribution(x: number): number {
  return upperErrorFunction(-x / Math.SQRT2) / 2
}

/** Abramowitz and Stegun 6.5.29. */
function lowerGammaSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; term > sum * RELATIVE_ERROR; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum * commonFactor(a, x)
}

/** Abramowitz and Stegun 6.5.31, evaluated by Lentz's method. */
function upperGammaFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let fraction = d
  let change = 0
  for (let n = 1; Math.abs(change - 1) > RELATIVE_ERROR; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / nonZero(numerator * d + b)
    c = nonZero(b + numerator / c)
    change = c * d
    fraction *= change
  }
  return fraction * commonFactor(a, x)
}

function commonFactor(a: number, x: number): number {
  return Math.exp(a * Math.log(x) - x - logGamma(a))
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

/** ln Γ(a) for a ≥ 1/2. */
function logGamma(a: number): number {
  const shifted = a - 1
  const series = LANCZOS.reduce((sum, coefficient, n) =>
    n === 0 ? coefficient : sum + coefficient / (shifted + n),
  )
  const base = shifted + LANCZOS_G + 0.5
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(series)
}

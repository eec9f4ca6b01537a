/** Passes take time, and a table of factors room, by the square of their radix. */
const MAX_RADIX = 1024

/** Complex numbers, their parts in two lists. */
interface ComplexList {
  real: Float64Array
  imaginary: Float64Array
}

/**
 * Squared moduli of the discrete Fourier transform of real values, of any length; quick when the
 * length has small prime factors only. Stockham's self-sorting algorithm with mixed radices
 * (C. Temperton, J. Comput. Phys. 52, 1983).
 *
 * @returns as many values as were given, the constant part first
 * @throws RangeError when the length has a prime factor above 1024, which would take too long
 */
export function powerSpectrum(values: Float64Array): Float64Array {
  const size = values.length
  const roots = unityRoots(size)
  let from: ComplexList = { real: Float64Array.from(values), imaginary: new Float64Array(size) }
  let to: ComplexList = { real: new Float64Array(size), imaginary: new Float64Array(size) }
  let done = 1
  for (const radix of radicesOf(size)) {
    combine(from, to, { radix, done, roots })
    done *= radix
    ;[from, to] = [to, from]
  }
  const { real, imaginary } = from
  return real.map((value, index) => value * value + (imaginary[index] ?? 0) ** 2)
}

/** e^(−2πik/size) for every k. */
function unityRoots(size: number): ComplexList {
  const angle = (-2 * Math.PI) / size
  return {
    real: Float64Array.from({ length: size }, (_, k) => Math.cos(angle * k)),
    imaginary: Float64Array.from({ length: size }, (_, k) => Math.sin(angle * k)),
  }
}

/** Factors, fours before twos since one pass is cheaper than two. */
function radicesOf(size: number): number[] {
  const radices: number[] = []
  let rest = size
  for (let radix = 4; rest > 1;) {
    if (radix > MAX_RADIX) {
      throw new RangeError(`values: expected prime factors up to ${MAX_RADIX}, got ${size} values`)
    }
    if (rest % radix === 0) {
      radices.push(radix)
      rest /= radix
    } else {
      radix = nextRadix(radix, rest)
    }
  }
  return radices
}

function nextRadix(radix: number, rest: number): number {
  if (radix === 4) return 2
  if (radix === 2) return 3
  return radix * radix > rest ? rest : radix + 2
}

interface Pass {
  radix: number
  /** Product of the radices of the passes before. */
  done: number
  roots: ComplexList
}

/** One pass: splits each transform into `radix` shorter ones. */
function combine(from: ComplexList, to: ComplexList, pass: Pass): void {
  const { radix, done } = pass
  const { real: fromReal, imaginary: fromImaginary } = from
  const { real: toReal, imaginary: toImaginary } = to
  const stride = fromReal.length / radix
  const cosines = new Float64Array(radix ** 2)
  const sines = new Float64Array(radix ** 2)
  for (let group = 0; group < stride; group += done) {
    setFactors({ real: cosines, imaginary: sines }, group, pass)
    for (let source = group; source < group + done; source++) {
      let target = group * radix + source - group
      for (let factor = 0; factor < cosines.length; target += done) {
        let real = 0
        let imaginary = 0
        for (let n = 0, at = source; n < radix; n++, at += stride, factor++) {
          const x = fromReal[at] ?? 0
          const y = fromImaginary[at] ?? 0
          const cosine = cosines[factor] ?? 0
          const sine = sines[factor] ?? 0
          real += x * cosine - y * sine
          imaginary += x * sine + y * cosine
        }
        toReal[target] = real
        toImaginary[target] = imaginary
      }
    }
  }
}

/** e^(−2πi·part·(n/radix + group/size)): the same for all that a group's inner loop joins. */
function setFactors(factors: ComplexList, group: number, { radix, roots }: Pass): void {
  const size = roots.real.length
  for (let part = 0; part < radix; part++) {
    for (let n = 0; n < radix; n++) {
      const turn = (part * (n * (size / radix) + group)) % size
      factors.real[part * radix + n] = roots.real[turn] ?? 0
      factors.imaginary[part * radix + n] = roots.imaginary[turn] ?? 0
    }
  }
}

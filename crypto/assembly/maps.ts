// One iteration of the two maps for two blocks at once, one in each lane. Operations and their order
// are those of src/chaos/maps.

// The constants are loaded, not written as v128 literals: V8 rebuilds a literal at each use through
// the one port that the shuffles need too, which costs a fifth of the speed.
const constants: usize = memory.data<f64>([1.0, 1.4, 0.3, 3.375, 0.184, 2.733, 0.143, 256.0], 16)

export function henonX(x: v128, y: v128): v128 {
  return f64x2.add(f64x2.sub(constant(0), f64x2.mul(constant(1), f64x2.mul(x, x))), y)
}

export function henonY(x: v128): v128 {
  return f64x2.mul(constant(2), x)
}

export function logisticX(x: v128, y: v128): v128 {
  return f64x2.add(
    f64x2.mul(f64x2.mul(constant(3), x), f64x2.sub(constant(0), x)),
    f64x2.mul(constant(4), f64x2.mul(y, y)),
  )
}

export function logisticY(x: v128, y: v128): v128 {
  return f64x2.add(
    f64x2.mul(f64x2.mul(constant(5), y), f64x2.sub(constant(0), y)),
    f64x2.mul(constant(6), f64x2.add(f64x2.mul(x, x), f64x2.mul(x, y))),
  )
}

/**
 * `floor(v · 2⁴⁴) mod 2³²` in the low half of each 64-bit lane, for 0 ≤ v < 2; the high half is of no
 * use. Doubles from 256 on lie 2⁻⁴⁴ apart, so that `v + 256` ends in v · 2⁴⁴ rounded to the nearest
 * integer; the comparison (all ones, that is −1, where true) takes back what was rounded up.
 */
export function mapWords(v: v128): v128 {
  const shifted = f64x2.add(v, constant(7))
  return i64x2.add(shifted, f64x2.gt(f64x2.sub(shifted, constant(7)), v))
}

function constant(index: usize): v128 {
  return v128.load64_splat(constants + index * 8)
}

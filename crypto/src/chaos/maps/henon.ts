import type { PlaneMap } from './plane-map.ts'

/**
 * The Hénon map with a = 1.4, b = 0.3 (M. Hénon, "A two-dimensional mapping with a strange
 * attractor", Commun. Math. Phys. 50, 1976). It stands where the paper's step 3 writes "Wien":
 * `docs/chaotic-cipher.md` says why.
 */
export const henon: PlaneMap = {
  name: 'henon',
  iterate(point) {
    const { x, y } = point
    point.x = 1 - 1.4 * (x * x) + y
    point.y = 0.3 * x
  },
}

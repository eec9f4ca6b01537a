import type { PlaneMap } from './plane-map.ts'

/**
 * The coupled two-dimensional logistic map of the paper's step 3. The four parameters are
 * constants, never key material: of the box usually quoted for them, only 58 % is chaotic.
 */
export const logistic2d: PlaneMap = {
  name: 'logistic-2d',
  iterate(point) {
    const { x, y } = point
    point.x = 3.375 * x * (1 - x) + 0.184 * (y * y)
    point.y = 2.733 * y * (1 - y) + 0.143 * (x * x + x * y)
  },
}

import type { Flow } from './flow.ts'

/**
 * The Chen flow with a = 35, b = 3, c = 28 (G. Chen, T. Ueta, "Yet another chaotic attractor",
 * Int. J. Bifurcation and Chaos 9, 1999). It stands where the paper's step 2 writes "Wien":
 * `docs/chaotic-cipher.md` says why. Its fast oscillation needs a finer step than Lorenz.
 */
export const chen: Flow = {
  name: 'chen',
  stepSize: 2 ** -9,
  slope(at, slope) {
    slope.x = 35 * (at.y - at.x)
    slope.y = (28 - 35) * at.x - at.x * at.z + 28 * at.y
    slope.z = at.x * at.y - 3 * at.z
  },
}

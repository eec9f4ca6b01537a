import type { Flow, FlowState } from './flow.ts'

const origin = (): FlowState => ({ x: 0, y: 0, z: 0 })

/**
 * A point moving along a flow by the classical Runge–Kutta method of order 4. The increments are
 * summed as `v + (h/6)·((k1 + k4) + 2·(k2 + k3))`, in exactly this order: the format depends on it.
 */
export class FlowOrbit {
  readonly at: FlowState
  readonly #flow: Flow
  readonly #probe = origin()
  readonly #slopes = [origin(), origin(), origin(), origin()] as const

  constructor(flow: Flow, start: Readonly<FlowState>) {
    this.#flow = flow
    this.at = { ...start }
  }

  /** Moves on by `count` steps. */
  advance(count: number): void {
    for (let step = 0; step < count; step++) this.#step()
  }

  /** Forgets where the orbit is: whoever knows the point can compute every later keystream block. */
  wipe(): void {
    for (const state of [this.at, this.#probe, ...this.#slopes]) state.x = state.y = state.z = 0
  }

  #step(): void {
    const [k1, k2, k3, k4] = this.#slopes
    const { stepSize } = this.#flow
    const sixth = stepSize / 6
    const { at } = this
    this.#flow.slope(at, k1)
    this.#flow.slope(this.#probeAlong(k1, stepSize * 0.5), k2)
    this.#flow.slope(this.#probeAlong(k2, stepSize * 0.5), k3)
    this.#flow.slope(this.#probeAlong(k3, stepSize), k4)
    at.x += sixth * (k1.x + k4.x + 2 * (k2.x + k3.x))
    at.y += sixth * (k1.y + k4.y + 2 * (k2.y + k3.y))
    at.z += sixth * (k1.z + k4.z + 2 * (k2.z + k3.z))
  }

  #probeAlong(slope: Readonly<FlowState>, time: number): FlowState {
    this.#probe.x = this.at.x + time * slope.x
    this.#probe.y = this.at.y + time * slope.y
    this.#probe.z = this.at.z + time * slope.z
    return this.#probe
  }
}

/** A point of a three-dimensional flow, or a slope at such a point. */
export interface FlowState {
  x: number
  y: number
  z: number
}

/** An autonomous differential equation in three variables, with the step it is integrated by. */
export interface Flow {
  readonly name: 'lorenz' | 'chen'
  /** A power of two, so that scaling by it rounds nothing away. */
  readonly stepSize: number
  /** Writes the slope at `at` into `slope`; the order of operations is part of the format. */
  slope(at: Readonly<FlowState>, slope: FlowState): void
}

// The Lorenz and the Chen flow side by side, one in each lane, by the classical Runge–Kutta method
// of order 4. Operations and their order are those of src/chaos/flows; f64x2 rounds like f64.

import { flowsAddress, seedAddress } from './layout'

const leastWarmUpSteps: i32 = 1000

/** Puts both flows at the points the chunk's seed names and runs their warm-ups. */
export function startFlows(): void {
  v128.store(flowsAddress, startOf(0))
  v128.store(flowsAddress, startOf(1), 16)
  v128.store(flowsAddress, f64x2.add(startOf(2), f64x2.splat(25.0)), 32)
  const lorenzSteps = leastWarmUpSteps + <i32>(load<u64>(seedAddress, 48) & 1023)
  const chenSteps = leastWarmUpSteps + <i32>(load<u64>(seedAddress, 56) & 1023)
  const commonSteps = min(lorenzSteps, chenSteps)
  advanceFlows(commonSteps)
  const x = v128.load(flowsAddress)
  const y = v128.load(flowsAddress, 16)
  const z = v128.load(flowsAddress, 32)
  advanceFlows(max(lorenzSteps, chenSteps) - commonSteps)
  // The flow with the shorter warm-up stays where it was.
  const arrived = lorenzSteps < chenSteps ? i64x2(-1, 0) : i64x2(0, -1)
  v128.store(flowsAddress, v128.bitselect(x, v128.load(flowsAddress), arrived))
  v128.store(flowsAddress, v128.bitselect(y, v128.load(flowsAddress, 16), arrived), 16)
  v128.store(flowsAddress, v128.bitselect(z, v128.load(flowsAddress, 32), arrived), 32)
}

/** Moves both flows on. */
export function advanceFlows(steps: i32): void {
  const whole = lanes(0.0078125, 0.001953125)
  const half = lanes(0.0078125 * 0.5, 0.001953125 * 0.5)
  let x = v128.load(flowsAddress)
  let y = v128.load(flowsAddress, 16)
  let z = v128.load(flowsAddress, 32)
  for (let step = 0; step < steps; step++) {
    const x1 = slopeX(x, y)
    const y1 = slopeY(x, y, z)
    const z1 = slopeZ(x, y, z)
    let probeX = along(x, half, x1)
    let probeY = along(y, half, y1)
    let probeZ = along(z, half, z1)
    const x2 = slopeX(probeX, probeY)
    const y2 = slopeY(probeX, probeY, probeZ)
    const z2 = slopeZ(probeX, probeY, probeZ)
    probeX = along(x, half, x2)
    probeY = along(y, half, y2)
    probeZ = along(z, half, z2)
    const x3 = slopeX(probeX, probeY)
    const y3 = slopeY(probeX, probeY, probeZ)
    const z3 = slopeZ(probeX, probeY, probeZ)
    probeX = along(x, whole, x3)
    probeY = along(y, whole, y3)
    probeZ = along(z, whole, z3)
    x = weigh(x, x1, x2, x3, slopeX(probeX, probeY))
    y = weigh(y, y1, y2, y3, slopeY(probeX, probeY, probeZ))
    z = weigh(z, z1, z2, z3, slopeZ(probeX, probeY, probeZ))
  }
  v128.store(flowsAddress, x)
  v128.store(flowsAddress, y, 16)
  v128.store(flowsAddress, z, 32)
}

function lanes(lorenz: f64, chen: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(lorenz), 1, chen)
}

/** One start coordinate of both flows: seed words 0–2 are Lorenz's, 3–5 Chen's. */
function startOf(coordinate: usize): v128 {
  const units = lanes(unitInterval(coordinate), unitInterval(coordinate + 3))
  return f64x2.sub(f64x2.mul(units, f64x2.splat(16.0)), f64x2.splat(8.0))
}

function unitInterval(index: usize): f64 {
  return <f64>(load<u64>(seedAddress + index * 8) >> 11) * (1.0 / 9007199254740992.0)
}

function slopeX(x: v128, y: v128): v128 {
  return f64x2.mul(lanes(10.0, 35.0), f64x2.sub(y, x))
}

function slopeY(x: v128, y: v128, z: v128): v128 {
  const lorenz = f64x2.sub(f64x2.mul(x, f64x2.sub(f64x2.splat(28.0), z)), y)
  const chen = f64x2.add(
    f64x2.sub(f64x2.mul(f64x2.splat(28.0 - 35.0), x), f64x2.mul(x, z)),
    f64x2.mul(f64x2.splat(28.0), y),
  )
  return v128.shuffle<f64>(lorenz, chen, 0, 3)
}

function slopeZ(x: v128, y: v128, z: v128): v128 {
  return f64x2.sub(f64x2.mul(x, y), f64x2.mul(lanes(8.0 / 3.0, 3.0), z))
}

function along(from: v128, time: v128, slope: v128): v128 {
  return f64x2.add(from, f64x2.mul(time, slope))
}

function weigh(from: v128, k1: v128, k2: v128, k3: v128, k4: v128): v128 {
  const sixth = lanes(0.0078125 / 6.0, 0.001953125 / 6.0)
  const sum = f64x2.add(f64x2.add(k1, k4), f64x2.mul(f64x2.splat(2.0), f64x2.add(k2, k3)))
  return f64x2.add(from, f64x2.mul(sixth, sum))
}

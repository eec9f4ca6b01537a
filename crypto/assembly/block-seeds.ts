// The seeds of two neighbouring blocks, and their disturbance sequences.

import { advanceFlows, startFlows } from './flows'
import { blockSeedsAddress, flowsAddress } from './layout'
import { henonX, henonY, logisticX, logisticY } from './maps'

/** The paper's ρ = θ ÷ (N/4) + N0 with θ = N·i: four flow steps from one block to the next. */
const stepsPerBlock: i32 = 4
/** Iterations thrown away after seeding a block, so that close seeds have parted. */
const discardedIterations: i32 = 128
const unit: f64 = 1.0 / 4294967296.0

let isFirstBlock: bool = true

/** Starts a chunk. */
export function startBlocks(): void {
  startFlows()
  isFirstBlock = true
}

/** Seeds the next two blocks; their maps are then ready to give key words. */
export function seedBlockPair(): void {
  seedBlock(0)
  seedBlock(1)
  discardIterations()
}

/** One block's disturbance words for the first 16 bytes: d, d + s, d + 2s, d + 3s. */
export function firstDisturbance(lane: usize): v128 {
  const first = i32x4.splat(load<i32>(blockSeedsAddress + lane * 4, 64))
  return i32x4.add(first, i32x4.mul(disturbanceStep(lane), i32x4(0, 1, 2, 3)))
}

/** What one block's disturbance words grow by every 16 bytes: 4s. */
export function disturbanceStride(lane: usize): v128 {
  return i32x4.shl(disturbanceStep(lane), 2)
}

function disturbanceStep(lane: usize): v128 {
  return i32x4.splat(load<i32>(blockSeedsAddress + lane * 4, 72))
}

function seedBlock(lane: usize): void {
  if (!isFirstBlock) advanceFlows(stepsPerBlock)
  isFirstBlock = false
  const w1 = flowWord(0)
  const w2 = flowWord(16)
  const w3 = flowWord(32)
  const w4 = flowWord(8) ^ w1
  const w5 = flowWord(24) ^ w2
  const w6 = flowWord(40) ^ w3
  const point = blockSeedsAddress + lane * 8
  store<f64>(point, <f64>w1 * unit * 0.5 - 0.25)
  store<f64>(point, <f64>w2 * unit * 0.1 - 0.05, 16)
  store<f64>(point, 0.1 + 0.8 * (<f64>w3 * unit), 32)
  store<f64>(point, 0.1 + 0.8 * (<f64>w4 * unit), 48)
  const words = blockSeedsAddress + lane * 4
  store<u32>(words, w5, 64)
  store<u32>(words, w6 | 1, 72)
}

function flowWord(offset: usize): u32 {
  return <u32>(<u64>(Math.abs(load<f64>(flowsAddress + offset)) * 274877906944.0))
}

function discardIterations(): void {
  let hx = v128.load(blockSeedsAddress)
  let hy = v128.load(blockSeedsAddress, 16)
  let lx = v128.load(blockSeedsAddress, 32)
  let ly = v128.load(blockSeedsAddress, 48)
  for (let i = 0; i < discardedIterations; i++) {
    const oldHx = hx
    const oldLx = lx
    hx = henonX(oldHx, hy)
    hy = henonY(oldHx)
    lx = logisticX(oldLx, ly)
    ly = logisticY(oldLx, ly)
  }
  v128.store(blockSeedsAddress, hx)
  v128.store(blockSeedsAddress, hy, 16)
  v128.store(blockSeedsAddress, lx, 32)
  v128.store(blockSeedsAddress, ly, 48)
}

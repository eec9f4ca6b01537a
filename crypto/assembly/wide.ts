// Profile `wide`: each iteration of the maps gives 16 bytes of keystream to each of two blocks.

import { disturbanceStride, firstDisturbance } from './block-seeds'
import { blockBytes, blockSeedsAddress } from './layout'
import { henonX, henonY, logisticX, logisticY, mapWords } from './maps'

/** XORs two seeded blocks' keystream into the data at `from`. */
export function xorWidePair(from: usize): void {
  let hx = v128.load(blockSeedsAddress)
  let hy = v128.load(blockSeedsAddress, 16)
  let lx = v128.load(blockSeedsAddress, 32)
  let ly = v128.load(blockSeedsAddress, 48)
  let disturbance0 = firstDisturbance(0)
  let disturbance1 = firstDisturbance(1)
  const stride0 = disturbanceStride(0)
  const stride1 = disturbanceStride(1)
  for (let at = from; at < from + blockBytes; at += 16) {
    const oldHx = hx
    const oldLx = lx
    hx = henonX(oldHx, hy)
    hy = henonY(oldHx)
    lx = logisticX(oldLx, ly)
    ly = logisticY(oldLx, ly)
    const phi12 = weave(mapWords(f64x2.abs(hx)), mapWords(f64x2.abs(hy)))
    const phi34 = v128.xor(weave(mapWords(lx), mapWords(ly)), phi12)
    // Both loads come before both stores: the blocks lie 4096 bytes apart, where the processor would
    // take the second load for one that depends on the first store.
    const data0 = v128.xor(v128.load(at), disturbance0)
    const data1 = v128.xor(v128.load(at, blockBytes), disturbance1)
    v128.store(at, v128.xor(data0, v128.shuffle<i64>(phi12, phi34, 0, 2)))
    v128.store(at, v128.xor(data1, v128.shuffle<i64>(phi12, phi34, 1, 3)), blockBytes)
    disturbance0 = i32x4.add(disturbance0, stride0)
    disturbance1 = i32x4.add(disturbance1, stride1)
  }
}

/** Each 64-bit lane's low halves side by side: one block's two words in each lane. */
function weave(first: v128, second: v128): v128 {
  return v128.shuffle<i16>(first, i64x2.shl(second, 32), 0, 1, 10, 11, 4, 5, 14, 15)
}

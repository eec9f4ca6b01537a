// Profile `paper`: each iteration of the maps gives 4 bytes of keystream to each of two blocks.

import { disturbanceStride, firstDisturbance } from './block-seeds'
import { blockBytes, blockSeedsAddress } from './layout'
import { henonX, henonY, logisticX, logisticY, mapWords } from './maps'

/** XORs two seeded blocks' keystream into the data at `from`. */
export function xorPaperPair(from: usize): void {
  let hx = v128.load(blockSeedsAddress)
  let hy = v128.load(blockSeedsAddress, 16)
  let lx = v128.load(blockSeedsAddress, 32)
  let ly = v128.load(blockSeedsAddress, 48)
  let disturbance0 = firstDisturbance(0)
  let disturbance1 = firstDisturbance(1)
  const stride0 = disturbanceStride(0)
  const stride1 = disturbanceStride(1)
  for (let at = from; at < from + blockBytes; at += 16) {
    // Four iterations fill one vector of each block.
    const hx1 = henonX(hx, hy)
    const hy1 = henonY(hx)
    const lx1 = logisticX(lx, ly)
    const ly1 = logisticY(lx, ly)
    const hx2 = henonX(hx1, hy1)
    const hy2 = henonY(hx1)
    const lx2 = logisticX(lx1, ly1)
    const ly2 = logisticY(lx1, ly1)
    const hx3 = henonX(hx2, hy2)
    const hy3 = henonY(hx2)
    const lx3 = logisticX(lx2, ly2)
    const ly3 = logisticY(lx2, ly2)
    hx = henonX(hx3, hy3)
    hy = henonY(hx3)
    lx = logisticX(lx3, ly3)
    ly = logisticY(lx3, ly3)
    const keys12 = narrow(secondBytes(hx1, hy1, lx1, ly1), secondBytes(hx2, hy2, lx2, ly2))
    const keys34 = narrow(secondBytes(hx3, hy3, lx3, ly3), secondBytes(hx, hy, lx, ly))
    const keys0 = mix(v128.shuffle<i32>(keys12, keys34, 0, 2, 4, 6))
    const keys1 = mix(v128.shuffle<i32>(keys12, keys34, 1, 3, 5, 7))
    const data0 = v128.xor(v128.load(at), disturbance0)
    const data1 = v128.xor(v128.load(at, blockBytes), disturbance1)
    v128.store(at, v128.xor(data0, keys0))
    v128.store(at, v128.xor(data1, keys1), blockBytes)
    disturbance0 = i32x4.add(disturbance0, stride0)
    disturbance1 = i32x4.add(disturbance1, stride1)
  }
}

/** `(W >> 8) & 255` of the four coordinates as four u16 in each block's lane. */
function secondBytes(hx: v128, hy: v128, lx: v128, ly: v128): v128 {
  const w1 = mapWords(f64x2.abs(hx))
  const w2 = i64x2.shl(mapWords(f64x2.abs(hy)), 16)
  const w3 = i64x2.shl(mapWords(lx), 32)
  const w4 = i64x2.shl(mapWords(ly), 48)
  const w12 = v128.shuffle<i16>(w1, w2, 0, 9, 2, 3, 4, 13, 6, 7)
  const w34 = v128.shuffle<i16>(w3, w4, 0, 1, 2, 11, 4, 5, 6, 15)
  return i16x8.shr_u(v128.shuffle<i16>(w12, w34, 0, 1, 10, 11, 4, 5, 14, 15), 8)
}

function narrow(first: v128, second: v128): v128 {
  return i8x16.narrow_i16x8_u(first, second)
}

/** The paper's (8) on bytes: φ3 ^= φ1 and φ4 ^= φ2 in every four. */
function mix(keys: v128): v128 {
  return v128.xor(keys, i32x4.shl(keys, 16))
}

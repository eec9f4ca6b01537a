import { hmac } from '@noble/hashes/hmac.js'

import { concat } from '../bytes.ts'
import { sm3 } from './sm3.ts'
import { expandSm4Key, sm4Ctr } from './sm4.ts'
import type { Sm4Primitives } from './sm4-suite.ts'

/** SM4 and SM3 in JavaScript, for browsers: no library of ours has them. */
export const nobleSm4: Sm4Primitives = {
  ctr(key, firstBlock, pieces) {
    const roundKeys = expandSm4Key(key)
    const [first = new Uint8Array(0), ...others] = pieces
    const result = sm4Ctr(roundKeys, firstBlock, others.length === 0 ? first : concat(...pieces))
    roundKeys.fill(0)
    return result
  },

  hmac(key, pieces) {
    const mac = hmac.create(sm3, key)
    for (const piece of pieces) mac.update(piece)
    return mac.digest()
  },
}

import { createCipheriv, createHmac } from 'node:crypto'

import { concat } from '../bytes.ts'
import type { Sm4Primitives } from './sm4-suite.ts'

/** SM4 and SM3 by OpenSSL. */
export const nodeSm4: Sm4Primitives = {
  ctr(key, firstBlock, pieces) {
    const cipher = createCipheriv('sm4-ctr', key, firstBlock)
    return concat(...pieces.map((piece) => cipher.update(piece)), cipher.final())
  },

  hmac(key, pieces) {
    const mac = createHmac('sm3', key)
    for (const piece of pieces) mac.update(piece)
    return mac.digest()
  },
}

import { hkdfSync } from 'node:crypto'

import { expect } from 'chai'

import { decodeHex, encodeHex } from '../bytes.ts'
import { deriveChunkSeed } from './chunk-seed.ts'

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index)

describe('deriveChunkSeed', () => {
  it("is OpenSSL's HKDF-SHA-256 with the chunk number, big-endian, at the end of the info", () => {
    for (const [chunkNumber, suffix] of [
      [0, '00000000'],
      [0x01020304, '01020304'],
      [0xffffffff, 'ffffffff'],
    ] as const) {
      const info = Buffer.concat([Buffer.from('orlop/1/chaos/chunk'), decodeHex(suffix)])
      const expected = new Uint8Array(hkdfSync('sha256', KEY, new Uint8Array(0), info, 64))
      expect(encodeHex(deriveChunkSeed(KEY, chunkNumber))).to.equal(encodeHex(expected))
    }
  })
})

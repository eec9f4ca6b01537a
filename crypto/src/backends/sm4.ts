import { decodeHex } from '../bytes.ts'

/** Bytes of an SM4 block. */
export const SM4_BLOCK_BYTES = 16
const ROUNDS = 32

/** The substitution of GB/T 32907-2016 section 6.2. */
const S_BOX = decodeHex(
  'd690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699' +
    '9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6' +
    '4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35' +
    '1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e' +
    'eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3' +
    '1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51' +
    '8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0' +
    '8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948',
)
/** System parameters FK (section 7.3). */
const FK = [0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc] as const

/** Substitution and linear transformation of a round for the first byte of its word; the others are rotations of it. */
const ROUND_TABLE = Uint32Array.from(S_BOX, (byte) => {
  const word = byte << 24
  return word ^ rotate(word, 2) ^ rotate(word, 10) ^ rotate(word, 18) ^ rotate(word, 24)
})

/** The round keys of a key. @param key - 16 bytes; read, not kept. Wipe the result with `fill(0)`. */
export function expandSm4Key(key: Uint8Array): Uint32Array {
  const roundKeys = new Uint32Array(ROUNDS)
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  const words = FK.map((parameter, index) => view.getUint32(4 * index) ^ parameter)
  for (let round = 0; round < ROUNDS; round++) {
    const [a = 0, b = 0, c = 0, d = 0] = words
    const next = a ^ mixKey(b ^ c ^ d ^ keyConstant(round))
    roundKeys[round] = next
    words.splice(0, 4, b, c, d, next)
  }
  words.fill(0)
  return roundKeys
}

/**
 * SM4 (GB/T 32907-2016) in counter mode (GB/T 17964-2021), in JavaScript: encrypts and decrypts.
 *
 * @param firstBlock - 16 bytes; counted up as one big-endian number
 * @returns as many bytes as `data`
 */
export function sm4Ctr(
  roundKeys: Uint32Array,
  firstBlock: Uint8Array,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(data.length)
  const counter = Uint8Array.from(firstBlock)
  const counterView = new DataView(counter.buffer)
  const keystream = new Uint8Array(SM4_BLOCK_BYTES)
  const keystreamView = new DataView(keystream.buffer)
  for (let start = 0; start < data.length; start += SM4_BLOCK_BYTES) {
    encryptBlock(roundKeys, counterView, keystreamView)
    const end = Math.min(start + SM4_BLOCK_BYTES, data.length)
    for (let at = start; at < end; at++) {
      result[at] = (data[at] ?? 0) ^ (keystream[at - start] ?? 0)
    }
    countUp(counter)
  }
  keystream.fill(0)
  return result
}

function encryptBlock(roundKeys: Uint32Array, source: DataView, target: DataView): void {
  let a = source.getUint32(0)
  let b = source.getUint32(4)
  let c = source.getUint32(8)
  let d = source.getUint32(12)
  for (let round = 0; round < ROUNDS; round += 4) {
    a ^= mix(b ^ c ^ d ^ (roundKeys[round] ?? 0))
    b ^= mix(c ^ d ^ a ^ (roundKeys[round + 1] ?? 0))
    c ^= mix(d ^ a ^ b ^ (roundKeys[round + 2] ?? 0))
    d ^= mix(a ^ b ^ c ^ (roundKeys[round + 3] ?? 0))
  }
  target.setUint32(0, d)
  target.setUint32(4, c)
  target.setUint32(8, b)
  target.setUint32(12, a)
}

/** T of section 6.2. */
function mix(word: number): number {
  return (
    (ROUND_TABLE[word >>> 24] ?? 0) ^
    rotate(ROUND_TABLE[(word >>> 16) & 0xff] ?? 0, 24) ^
    rotate(ROUND_TABLE[(word >>> 8) & 0xff] ?? 0, 16) ^
    rotate(ROUND_TABLE[word & 0xff] ?? 0, 8)
  )
}

/** T′ of section 7.3. */
function mixKey(word: number): number {
  const substituted =
    ((S_BOX[word >>> 24] ?? 0) << 24) |
    ((S_BOX[(word >>> 16) & 0xff] ?? 0) << 16) |
    ((S_BOX[(word >>> 8) & 0xff] ?? 0) << 8) |
    (S_BOX[word & 0xff] ?? 0)
  return substituted ^ rotate(substituted, 13) ^ rotate(substituted, 23)
}

/** CK of section 7.3: byte j of constant i is (4i + j) · 7 mod 256. */
function keyConstant(round: number): number {
  let constant = 0
  for (let byte = 0; byte < 4; byte++) {
    constant = (constant << 8) | (((4 * round + byte) * 7) & 0xff)
  }
  return constant
}

function countUp(counter: Uint8Array): void {
  for (let at = counter.length - 1; at >= 0; at--) {
    counter[at] = ((counter[at] ?? 0) + 1) & 0xff
    if (counter[at] !== 0) return
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

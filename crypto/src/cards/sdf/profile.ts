import { assertInteger } from '../../bytes.ts'
import { type CardAlgorithm, CIPHER_BLOCK_BYTES, MAX_ENVELOPE_BYTES } from '../algorithms.ts'

/** What a device of GM/T 0018 gives an algorithm number of its own for. */
export type SdfAlgorithm =
  | Exclude<CardAlgorithm<'cipher'>, 'sm4-gcm' | 'aes-256-gcm'>
  | 'sm4-cbc-mac'
  | CardAlgorithm<'hash'>
  | 'sm2-sign'
  | 'sm2-encrypt'
  /** What a key-encryption key encrypts with. */
  | 'kek'

/** The fields of an ECCCipher: point, hash, length of the encrypted bytes, encrypted bytes. */
export type SdfCipherField = 'x' | 'y' | 'M' | 'L' | 'C'

/**
 * What differs between the devices of GM/T 0018: its tables leave room, and vendors were earlier than it. The
 * header file that comes with a device tells; the self-test refuses what was set wrongly.
 */
export interface SdfProfile {
  /** ECCref_MAX_BITS: the room for a coordinate. */
  readonly eccBits: 256 | 512
  /** The order of the fields of ECCCipher. */
  readonly cipherFields: readonly SdfCipherField[]
  /** Room for encrypted bytes in ECCCipher where they are not its last field, 136 to 1024. */
  readonly cipherRoomBytes: number
  /** SGD_ numbers. What is left out the device does not have. */
  readonly numbers: Readonly<Partial<Record<SdfAlgorithm, number>>>
  /** Most bytes of one call of a cipher, MAC or hash: a multiple of 16. More is cut into several calls. */
  readonly callBytes: number
  /** Whether SDF_InternalDecrypt_ECC has the algorithm's number after the index: the standard has no such function. */
  readonly decryptTakesNumber: boolean
  /** Error numbers of this vendor which say that the device is out of reach. */
  readonly lostStatuses: readonly number[]
}

export type SdfProfileName = 'gmt-0018' | 'sansec'

/** GM/T 0018-2012 sections 5.4 and 5.5, numbers of GM/T 0006. It has no AES, and no counter mode. */
const GMT_0018: SdfProfile = {
  eccBits: 512,
  cipherFields: ['x', 'y', 'M', 'L', 'C'],
  cipherRoomBytes: MAX_ENVELOPE_BYTES,
  numbers: {
    'sm4-ecb': 0x401,
    'sm4-cbc': 0x402,
    'sm4-cbc-mac': 0x410,
    sm3: 0x1,
    sha256: 0x4,
    'sm2-sign': 0x2_0200,
    'sm2-encrypt': 0x2_0800,
    kek: 0x402,
  },
  callBytes: 1024 * 1024,
  decryptTakesNumber: true,
  lostStatuses: [],
}

/** Sansec's header of 2015: AES stands where the standard has SM4, and the ciphertext's length comes first. */
const SANSEC: SdfProfile = {
  eccBits: 256,
  cipherFields: ['L', 'x', 'y', 'C', 'M'],
  cipherRoomBytes: 136,
  numbers: {
    'sm4-ecb': 0x2001,
    'sm4-cbc': 0x2002,
    'sm4-ctr': 0x2020,
    'sm4-cbc-mac': 0x2010,
    'aes-256-ecb': 0x401,
    'aes-256-cbc': 0x402,
    'aes-256-ctr': 0x420,
    sm3: 0x1,
    sha256: 0x4,
    sha384: 0x10,
    sha512: 0x8,
    'sm2-sign': 0x2_0100,
    'sm2-encrypt': 0x2_0400,
    kek: 0x2001,
  },
  callBytes: 16 * 1024,
  decryptTakesNumber: true,
  // Its socket to the device timed out, did not connect, send or receive; no device is left.
  lostStatuses: [
    0x101_0100, 0x101_0101, 0x101_0104, 0x101_0105, 0x101_0106, 0x101_0201, 0x101_0202,
  ],
}

/** Profiles by name. Spread one to change what a device does differently. */
export const SDF_PROFILES: Readonly<Record<SdfProfileName, SdfProfile>> = {
  'gmt-0018': GMT_0018,
  sansec: SANSEC,
}

const FIELDS = 'CLMxy'
const MAX_CALL_BYTES = 64 * 1024 * 1024
export const MAX_CIPHER_ROOM_BYTES = 1024

/** @throws TypeError or RangeError when something in it cannot be */
export function checkSdfProfile(profile: SdfProfile): void {
  if (![256, 512].includes(profile.eccBits)) {
    throw new RangeError(`eccBits: expected 256 or 512, got ${String(profile.eccBits)}`)
  }
  if (profile.cipherFields.toSorted().join('') !== FIELDS) {
    throw new RangeError('cipherFields: expected each of x, y, M, L, C once')
  }
  assertInteger('cipherRoomBytes', profile.cipherRoomBytes, {
    min: MAX_ENVELOPE_BYTES,
    max: MAX_CIPHER_ROOM_BYTES,
  })
  assertInteger('callBytes', profile.callBytes, { min: CIPHER_BLOCK_BYTES, max: MAX_CALL_BYTES })
  if (profile.callBytes % CIPHER_BLOCK_BYTES !== 0) {
    throw new RangeError('callBytes: expected a multiple of 16')
  }
  for (const number of [...Object.values(profile.numbers), ...profile.lostStatuses]) {
    assertInteger('number of the profile', number, { min: 1, max: 0xffff_ffff })
  }
}

import { endianness } from 'node:os'

import { concat } from '../../bytes.ts'
import { SM2_FIELD_BYTES, SM2_POINT_BYTES } from '../sm2/curve.ts'
import type { SdfCipherField, SdfProfile } from './profile.ts'

/**
 * Memory given for each structure, whatever its size: a device that follows another header than its profile
 * writes more than the profile says, and must not write into memory of others.
 */
const STRUCTURE_ROOM_BYTES = 4096
const IS_LITTLE_ENDIAN = endianness() === 'LE'
const SM2_BITS = 256
const HASH_BYTES = 32
const LENGTH_BYTES = 4

/** An empty structure for the device to write into. */
export function newStructure(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(STRUCTURE_ROOM_BYTES)
}

/** ECCrefPublicKey: bits, x, y; a coordinate stands at the end of its room. @param point - 65 bytes */
export function encodePublicKey(profile: SdfProfile, point: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = newStructure()
  viewOf(bytes).setUint32(0, SM2_BITS, IS_LITTLE_ENDIAN)
  writeCoordinates(bytes, { profile, x: LENGTH_BYTES, y: LENGTH_BYTES + roomOf(profile) }, point)
  return bytes
}

/** The point of an ECCrefPublicKey, 65 bytes; whether it is on the curve is not checked. */
export function decodePublicKey(profile: SdfProfile, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return readCoordinates(bytes, {
    profile,
    x: LENGTH_BYTES,
    y: LENGTH_BYTES + roomOf(profile),
  })
}

/** ECCSignature: r, s. @param signature - r ‖ s, 64 bytes */
export function encodeSignature(profile: SdfProfile, signature: Uint8Array): Uint8Array {
  const bytes = newStructure()
  writeCoordinates(bytes, { profile, x: 0, y: roomOf(profile) }, concat(TAG, signature))
  return bytes
}

/** @returns r ‖ s, 64 bytes */
export function decodeSignature(profile: SdfProfile, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return readCoordinates(bytes, { profile, x: 0, y: roomOf(profile) }).slice(1)
}

/** ECCCipher. @param sealed - C1 ‖ C3 ‖ C2, with at most as many bytes of C2 as the profile has room for */
export function encodeCipher(profile: SdfProfile, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = newStructure()
  const offsets = offsetsOf(profile)
  const encrypted = sealed.subarray(SM2_POINT_BYTES + HASH_BYTES)
  writeCoordinates(bytes, { profile, ...offsets }, sealed)
  bytes.set(sealed.subarray(SM2_POINT_BYTES, SM2_POINT_BYTES + HASH_BYTES), offsets.M)
  viewOf(bytes).setUint32(offsets.L, encrypted.length, IS_LITTLE_ENDIAN)
  bytes.set(encrypted, offsets.C)
  return bytes
}

/** @returns C1 ‖ C3 ‖ C2; null when the length that the device wrote cannot be */
export function decodeCipher(
  profile: SdfProfile,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> | null {
  const offsets = offsetsOf(profile)
  const encryptedBytes = viewOf(bytes).getUint32(offsets.L, IS_LITTLE_ENDIAN)
  if (encryptedBytes < 1 || encryptedBytes > profile.cipherRoomBytes) return null
  return concat(
    readCoordinates(bytes, { profile, ...offsets }),
    bytes.subarray(offsets.M, offsets.M + HASH_BYTES),
    bytes.subarray(offsets.C, offsets.C + encryptedBytes),
  )
}

export interface SdfDeviceInfo {
  readonly issuer: string
  readonly device: string
  readonly serial: string
  /** As the device gives it, in hexadecimal: vendors count in different ways. */
  readonly version: string
}

/** DEVICEINFO: three texts without end marks, then numbers. */
export function decodeDeviceInfo(bytes: Uint8Array): SdfDeviceInfo {
  return {
    issuer: readText(bytes.subarray(0, 40)),
    device: readText(bytes.subarray(40, 56)),
    serial: readText(bytes.subarray(56, 72)),
    version: viewOf(bytes).getUint32(72, IS_LITTLE_ENDIAN).toString(16),
  }
}

/** A number of 32 bits that the device reads and writes. */
export class NativeNumber {
  readonly memory: Uint8Array
  readonly #number: Uint32Array

  constructor(value: number) {
    this.#number = Uint32Array.of(value)
    this.memory = new Uint8Array(this.#number.buffer)
  }

  get value(): number {
    return this.#number[0] ?? 0
  }
}

/** A place where the device writes a handle. */
export class NativeHandle {
  readonly memory: Uint8Array
  readonly #handle = new BigUint64Array(1)

  constructor() {
    this.memory = new Uint8Array(this.#handle.buffer)
  }

  get value(): bigint {
    return this.#handle[0] ?? 0n
  }
}

/** What an uncompressed point begins with (SEC 1 section 2.3.3). */
const TAG = Uint8Array.of(4)

interface Coordinates {
  readonly profile: SdfProfile
  /** Where the rooms of both begin. */
  readonly x: number
  readonly y: number
}

function writeCoordinates(bytes: Uint8Array, at: Coordinates, point: Uint8Array): void {
  const padding = roomOf(at.profile) - SM2_FIELD_BYTES
  bytes.set(point.subarray(1, 1 + SM2_FIELD_BYTES), at.x + padding)
  bytes.set(point.subarray(1 + SM2_FIELD_BYTES, SM2_POINT_BYTES), at.y + padding)
}

function readCoordinates(bytes: Uint8Array, at: Coordinates): Uint8Array<ArrayBuffer> {
  const padding = roomOf(at.profile) - SM2_FIELD_BYTES
  const [x, y] = [at.x + padding, at.y + padding]
  return concat(TAG, bytes.subarray(x, x + SM2_FIELD_BYTES), bytes.subarray(y, y + SM2_FIELD_BYTES))
}

/** Where each field of an ECCCipher begins: structures are packed, and each field is a multiple of four long. */
function offsetsOf(profile: SdfProfile): Record<SdfCipherField, number> {
  const offsets = { x: 0, y: 0, M: 0, L: 0, C: 0 }
  const lengths = {
    x: roomOf(profile),
    y: roomOf(profile),
    M: HASH_BYTES,
    L: LENGTH_BYTES,
    C: profile.cipherRoomBytes,
  }
  let offset = 0
  for (const field of profile.cipherFields) {
    offsets[field] = offset
    offset += lengths[field]
  }
  return offsets
}

function roomOf(profile: SdfProfile): number {
  return profile.eccBits / 8
}

/** Texts end at their first zero byte, and may be padded with spaces. */
function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end))
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .trim()
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

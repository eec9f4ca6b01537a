const HEX_DIGITS = '0123456789abcdef'
const MAX_RANDOM_BYTES_PER_CALL = 65_536
const encoder = new TextEncoder()

/**
 * Checks that a value is a `Uint8Array`, of an exact length where one is given.
 *
 * @param label - what the value is, for the message
 * @param lengthBytes - required length; any length when left out
 * @throws TypeError when it is not a `Uint8Array`; RangeError when its length differs
 */
export function assertBytes(
  label: string,
  value: unknown,
  lengthBytes?: number,
): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`${label}: expected Uint8Array, got ${describe(value)}`)
  }
  if (lengthBytes !== undefined && value.length !== lengthBytes) {
    throw new RangeError(
      `${label}: expected ${String(lengthBytes)} bytes, got ${String(value.length)}`,
    )
  }
}

/**
 * Checks that a value is a whole number within inclusive bounds.
 *
 * @throws TypeError when it is not a safe integer; RangeError when it is out of bounds
 */
export function assertInteger(
  label: string,
  value: unknown,
  bounds: { readonly min: number; readonly max: number },
): asserts value is number {
  if (!Number.isSafeInteger(value)) {
    throw new TypeError(`${label}: expected a safe integer, got ${describe(value)}`)
  }
  const number = value as number
  if (number < bounds.min || number > bounds.max) {
    throw new RangeError(
      `${label}: expected ${String(bounds.min)} to ${String(bounds.max)}, got ${String(number)}`,
    )
  }
}

/** Joins byte strings into a new one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let total = 0
  for (const part of parts) total += part.length
  const joined = new Uint8Array(total)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Compares without leaking, through time, where two byte strings of equal length differ. */
export function equalConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = 0; index < left.length; index++) {
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0)
  }
  return difference === 0
}

/** Byte-wise order, as of `Array.prototype.sort`: negative when `left` comes first. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length)
  for (let index = 0; index < shared; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Overwrites secrets with zeros. Copies the runtime made on its own stay beyond reach. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}

/** Smaller memory is not worth the call, and may lie in a pool that small buffers of Node share. */
const LEAST_FREED_BYTES = 128 * 1024

/**
 * Gives the memory of a large view back at once, and makes the view, with all others of the same memory, empty. The collector would
 * let 64 MiB of used buffers gather in every thread first. Shared memory is left alone.
 */
export function freeMemory(view: Uint8Array): void {
  if (view.buffer instanceof ArrayBuffer && view.buffer.byteLength >= LEAST_FREED_BYTES) {
    view.buffer.transfer(0)
  }
}

/** Four bytes, big-endian. @throws TypeError or RangeError unless 0 ≤ value < 2³² */
export function u32be(value: number): Uint8Array<ArrayBuffer> {
  assertInteger('u32', value, { min: 0, max: 0xffff_ffff })
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** Eight bytes, big-endian. @throws TypeError or RangeError unless 0 ≤ value < 2⁵³ */
export function u64be(value: number): Uint8Array<ArrayBuffer> {
  assertInteger('u64', value, { min: 0, max: Number.MAX_SAFE_INTEGER })
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** Lower-case hexadecimal, without prefix. */
export function encodeHex(bytes: Uint8Array): string {
  assertBytes('bytes', bytes)
  let text = ''
  for (const byte of bytes) text += HEX_DIGITS.charAt(byte >> 4) + HEX_DIGITS.charAt(byte & 15)
  return text
}

/**
 * Reads hexadecimal of either case, with or without the prefix `0x`.
 *
 * @throws RangeError when the text is not an even number of hexadecimal digits
 */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new RangeError('hex: expected an even number of hexadecimal digits')
  }
  const bytes = new Uint8Array(digits.length / 2)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16)
  }
  return bytes
}

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** Bytes of the platform's cryptographic random source. */
export function randomBytes(lengthBytes: number): Uint8Array<ArrayBuffer> {
  assertInteger('lengthBytes', lengthBytes, { min: 0, max: 0x7fff_ffff })
  const bytes = new Uint8Array(lengthBytes)
  for (let offset = 0; offset < lengthBytes; offset += MAX_RANDOM_BYTES_PER_CALL) {
    globalThis.crypto.getRandomValues(bytes.subarray(offset, offset + MAX_RANDOM_BYTES_PER_CALL))
  }
  return bytes
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return String(value)
  return typeof value
}

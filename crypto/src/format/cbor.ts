import { decode, encode, rfc8949EncodeOptions } from 'cborg'

import { assertBytes, compareBytes } from '../bytes.ts'
import { LimitError, MalformedError } from '../errors.ts'
import { assertCborShape } from './cbor-shape.ts'

/** What canonical CBOR of this format may hold. Integers are safe integers. */
export type CborValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue }

/** Bounds of {@link decodeCbor}; checked before anything is allocated. */
export interface DecodeCborOptions {
  /** Longest input accepted, in bytes. */
  readonly maxBytes: number
  /** Deepest nesting of arrays and maps; 8 by default. */
  readonly maxDepth?: number
}

/**
 * Encodes a value as canonical CBOR (RFC 8949 4.2.1: shortest forms, definite lengths, map keys in
 * byte-wise order), so that equal values always have equal bytes.
 *
 * @throws TypeError when the value holds something else than {@link CborValue}
 */
export function encodeCbor(value: CborValue): Uint8Array<ArrayBuffer> {
  assertEncodable(value)
  return new Uint8Array(encode(value, rfc8949EncodeOptions))
}

/**
 * Decodes canonical CBOR and refuses everything else: other forms of the same value, tags,
 * undefined, floats that are not finite, integers beyond 2⁵³, keys that are not text, duplicate
 * keys, bytes after the end. The result is unchecked beyond that: parse it at the border.
 * Byte strings are copies, so the input may be reused.
 *
 * @throws LimitError when the input is longer or nested deeper than allowed
 * @throws MalformedError when it is not canonical CBOR
 */
export function decodeCbor(bytes: Uint8Array, options: DecodeCborOptions): CborValue {
  assertBytes('bytes', bytes)
  if (bytes.length > options.maxBytes) {
    throw new LimitError(
      `CBOR of ${String(bytes.length)} bytes exceeds the limit of ${String(options.maxBytes)}`,
    )
  }
  assertCborShape(bytes, options.maxDepth ?? 8)
  let value: CborValue
  let again: Uint8Array
  try {
    value = decode(bytes, DECODE_OPTIONS) as CborValue
    again = encodeCbor(value)
  } catch (cause) {
    throw new MalformedError('bytes are not canonical CBOR; the sender must encode them again', {
      cause,
    })
  }
  if (compareBytes(again, bytes) !== 0) {
    throw new MalformedError('CBOR is not in canonical form; the sender must encode it again')
  }
  return value
}

const DECODE_OPTIONS = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
} as const

function assertEncodable(value: unknown): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') {
    if (value.isWellFormed()) return
    throw new TypeError('CBOR: expected well-formed Unicode text, got a lone surrogate')
  }
  if (value instanceof Uint8Array) return
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))) return
    throw new TypeError(`CBOR: expected a safe integer or a fraction, got ${String(value)}`)
  }
  if (Array.isArray(value)) {
    for (const item of value) assertEncodable(item)
    return
  }
  if (typeof value === 'object' && isPlain(value)) {
    for (const item of Object.values(value)) assertEncodable(item)
    return
  }
  throw new TypeError(`CBOR: expected a plain value, got ${typeof value}`)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

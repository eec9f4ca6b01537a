import { encodeHex } from '@orlop/crypto/bytes'
import type { SQLOutputValue } from 'node:sqlite'

/** One row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>
type Value = SQLOutputValue | undefined

/** A number that counts something. Sums of what strangers claim may be beyond what JSON's readers can count: they end there. */
export function toCount(value: Value): number {
  const number = Number(value ?? 0)
  return Math.round(Math.min(Math.max(number, 0), Number.MAX_SAFE_INTEGER))
}

export function toText(value: Value): string {
  return typeof value === 'string' ? value : ''
}

/** 0x and hexadecimal digits. */
export function toHash(value: Value): string {
  return `0x${encodeHex(toBytes(value))}`
}

/** @throws TypeError when a column that holds bytes holds something else. */
export function toBytes(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError(`expected bytes in the index, got ${typeof value}`)
}

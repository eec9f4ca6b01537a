import { LimitError, MalformedError } from '../errors.ts'
import type { CborValue } from './cbor.ts'

/** Typed reading of a decoded CBOR array, field by field, with every bound checked. */
export class FieldReader {
  readonly #what: string
  readonly #items: readonly CborValue[]
  #next = 0

  /** @throws MalformedError unless `value` is an array of exactly `count` items */
  constructor(what: string, value: CborValue, count: number) {
    this.#what = what
    if (!Array.isArray(value) || value.length !== count) {
      throw new MalformedError(`${what} is not an array of ${String(count)} fields`)
    }
    this.#items = value
  }

  /** The next field as it was decoded. */
  value(): CborValue {
    const item = this.#items[this.#next]
    this.#next += 1
    return item ?? null
  }

  /** The next field as a byte string within length bounds. */
  bytes(label: string, bounds: { readonly min: number; readonly max: number }): Uint8Array {
    const item = this.value()
    if (!(item instanceof Uint8Array)) throw this.#wrong(label, 'a byte string')
    this.#inBounds(`length of ${label}`, item.length, bounds)
    return item
  }

  /** The next field as a whole number within inclusive bounds. */
  integer(label: string, bounds: { readonly min: number; readonly max: number }): number {
    const item = this.value()
    if (!Number.isSafeInteger(item)) throw this.#wrong(label, 'a whole number')
    this.#inBounds(label, item as number, bounds)
    return item as number
  }

  /** The next field as a text of at most so many UTF-16 units. */
  text(label: string, maxLength: number): string {
    const item = this.value()
    if (typeof item !== 'string') throw this.#wrong(label, 'a text')
    this.#inBounds(`length of ${label}`, item.length, { min: 0, max: maxLength })
    return item
  }

  /** The next field as a list of at most `max` items. */
  list(label: string, max: number): readonly CborValue[] {
    const item = this.value()
    if (!Array.isArray(item)) throw this.#wrong(label, 'a list')
    this.#inBounds(`length of ${label}`, item.length, { min: 0, max })
    return item as readonly CborValue[]
  }

  #inBounds(label: string, value: number, bounds: { min: number; max: number }): void {
    if (value >= bounds.min && value <= bounds.max) return
    throw new LimitError(
      `${this.#what}: ${label} is ${String(value)}, allowed are ` +
        `${String(bounds.min)} to ${String(bounds.max)}`,
    )
  }

  #wrong(label: string, expected: string): MalformedError {
    return new MalformedError(`${this.#what}: ${label} is not ${expected}`)
  }
}

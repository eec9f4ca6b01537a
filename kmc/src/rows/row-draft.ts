import { encodeUtf8, wipe } from '@orlop/crypto/bytes'

const MAX_PLACE_BYTES = 256
const PLACE = /^[a-z0-9-]+(\/[a-z0-9._-]+)*$/

/** One row with its place. */
export interface OpenRow {
  readonly place: string
  readonly value: Uint8Array
}

/** Changes to rows that are made together or not at all, and what they were decided on. */
export class RowDraft {
  /** New values by place; null for those that go. */
  readonly changes = new Map<string, Uint8Array | null>()
  /** Rows in the clear that must not be there yet, by their key in the store. */
  readonly appended = new Map<string, Uint8Array>()
  readonly #read: (place: string) => Promise<Uint8Array | null>

  constructor(read: (place: string) => Promise<Uint8Array | null>) {
    this.#read = read
  }

  /** The value at a place as this draft leaves it, or null. */
  async get(place: string): Promise<Uint8Array | null> {
    const changed = this.changes.get(place)
    return changed === undefined ? this.#read(place) : (changed?.slice() ?? null)
  }

  /** @throws RangeError unless the place is lower-case words of letters, digits and hyphens between slashes, up to 256 bytes */
  put(place: string, value: Uint8Array): void {
    if (!PLACE.test(place) || encodeUtf8(place).length > MAX_PLACE_BYTES) {
      throw new RangeError(`place: expected words between slashes, got '${place}'`)
    }
    const before = this.changes.get(place)
    if (before !== undefined && before !== null) wipe(before)
    this.changes.set(place, value.slice())
  }

  delete(place: string): void {
    this.changes.set(place, null)
  }

  /** Adds a row in the clear. The change fails as a whole when its key is taken. */
  append(key: string, value: Uint8Array): void {
    this.appended.set(key, value)
  }
}

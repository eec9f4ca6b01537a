import { wipe } from '@orlop/crypto/bytes'
import { DEFAULT_CHUNK_BYTES } from '@orlop/crypto/format/header'

const MAX_KEPT = 16
const KEPT_MS = 2_000

/**
 * Shared memory for plaintext, kept for a moment from one object to the next: unlike other buffers it cannot be given back at
 * will, and the collector is in no hurry.
 */
class SlotStock {
  readonly #kept: Uint8Array[] = []
  #timer: NodeJS.Timeout | null = null

  take(slotBytes: number): Uint8Array {
    const kept = slotBytes === DEFAULT_CHUNK_BYTES ? this.#kept.pop() : undefined
    return kept ?? new Uint8Array(new SharedArrayBuffer(slotBytes))
  }

  /** Takes a slot back, which nobody uses any more, and wipes it. */
  give(slot: Uint8Array): void {
    wipe(slot)
    if (slot.length !== DEFAULT_CHUNK_BYTES || this.#kept.length >= MAX_KEPT) return
    this.#kept.push(slot)
    this.#timer ??= setTimeout(() => this.#drop(), KEPT_MS).unref()
  }

  #drop(): void {
    this.#kept.length = 0
    this.#timer = null
  }
}

/** The stock of this process. */
export const slotStock = new SlotStock()

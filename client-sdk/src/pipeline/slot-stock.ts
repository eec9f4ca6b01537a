import { wipe } from '@orlop/crypto/bytes'
import { DEFAULT_CHUNK_BYTES } from '@orlop/crypto/format/header'
import { SUITES } from '@orlop/crypto/suites/suites'
import { type Timer, unrefTimer } from '@orlop/transport/timers'
import { sharedMemory } from './shared-memory.ts'

/** Memory for one chunk in flight. */
export interface Slot {
  /** For the plaintext. Shared where that can be, so that a worker that seals and one that hashes read the same bytes without a copy. */
  plain: Uint8Array
  /** For the sealed chunk; goes to a worker and comes back. */
  target: ArrayBuffer
}

const MAX_KEPT = 16
const KEPT_MS = 2_000
/** What sealing adds to a chunk, at most: codec byte and tag. */
const OVERHEAD_BYTES = 1 + Math.max(...Object.values(SUITES).map((suite) => suite.tagBytes))

/** Keeps slots for a moment from one object to the next: taking fresh memory costs more than the ciphers do. */
class SlotStock {
  readonly #kept: Slot[] = []
  #timer: Timer | null = null

  take(chunkBytes: number): Slot {
    const kept = chunkBytes === DEFAULT_CHUNK_BYTES ? this.#kept.pop() : undefined
    if (kept !== undefined) return kept
    return {
      plain: sharedMemory(chunkBytes),
      target: new ArrayBuffer(chunkBytes + OVERHEAD_BYTES),
    }
  }

  /** Takes a slot back, which nobody uses any more, and wipes its plaintext. */
  give(slot: Slot): void {
    // What went down with a worker is gone, and cannot be written to.
    if (slot.plain.length > 0) wipe(slot.plain)
    const isWhole = slot.target.byteLength === DEFAULT_CHUNK_BYTES + OVERHEAD_BYTES
    if (!isWhole || slot.plain.length !== DEFAULT_CHUNK_BYTES) return
    if (this.#kept.length >= MAX_KEPT) return
    this.#kept.push(slot)
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => this.#drop(), KEPT_MS)
    unrefTimer(this.#timer)
  }

  #drop(): void {
    this.#kept.length = 0
    this.#timer = null
  }
}

/** The stock of this process. */
export const slotStock = new SlotStock()

import { compareBytes } from '@orlop/crypto/bytes'

const MAX_BYTES = 16 * 1024 * 1024

/** Verified block hashes of strips read lately, so that reading a strip range by range checks its tree once. */
export class HashCache {
  readonly #entries = new Map<string, { root: Uint8Array; hashes: Uint8Array }>()
  #totalBytes = 0

  /** Hashes that were found to lead to `root`; null when none are kept. */
  get(name: string, root: Uint8Array): Uint8Array | null {
    const entry = this.#entries.get(name)
    if (entry === undefined || compareBytes(entry.root, root) !== 0) return null
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    return entry.hashes
  }

  set(name: string, root: Uint8Array, hashes: Uint8Array): void {
    this.delete(name)
    this.#entries.set(name, { root, hashes })
    this.#totalBytes += hashes.length
    for (const oldest of this.#entries.keys()) {
      if (this.#totalBytes <= MAX_BYTES) break
      this.delete(oldest)
    }
  }

  delete(name: string): void {
    this.#totalBytes -= this.#entries.get(name)?.hashes.length ?? 0
    this.#entries.delete(name)
  }
}

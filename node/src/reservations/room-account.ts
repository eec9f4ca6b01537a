import type { StorageMetrics } from '../storage/interfaces.ts'

/** Bytes and reservations of this node, counted in memory from what the index holds. */
export class RoomAccount {
  readonly #capacityBytes: number
  readonly #metrics: StorageMetrics
  readonly #openByClient = new Map<number, number>()
  #open = 0
  #reservedBytes = 0
  #storedBytes = 0

  /** @param capacityBytes - most bytes reserved and stored together, envelopes counted. */
  constructor(capacityBytes: number, metrics: StorageMetrics) {
    this.#capacityBytes = capacityBytes
    this.#metrics = metrics
  }

  get open(): number {
    return this.#open
  }

  openOf(clientId: number): number {
    return this.#openByClient.get(clientId) ?? 0
  }

  addReservation(clientId: number, bytes: number): void {
    this.#countReservation(clientId, 1, bytes)
  }

  dropReservation(clientId: number, bytes: number): void {
    this.#countReservation(clientId, -1, -bytes)
  }

  /** Strips and envelopes. @param bytes - negative when something goes. */
  addStored(bytes: number): void {
    this.#storedBytes += bytes
    this.#metrics.set('stored_bytes', this.#storedBytes)
  }

  /** What the quota leaves; below 0 when envelopes that came with their strips went beyond it. */
  get quotaLeftBytes(): number {
    return this.#capacityBytes - this.#reservedBytes - this.#storedBytes
  }

  /**
   * Room for further reservations: what the quota leaves, and what the disk has beyond everything reserved. Staged bytes count
   * as reserved and as written, so the disk's part errs on the careful side while uploads run.
   */
  freeBytes(diskFreeBytes: number): number {
    return Math.max(0, Math.min(this.quotaLeftBytes, diskFreeBytes - this.#reservedBytes))
  }

  #countReservation(clientId: number, by: 1 | -1, bytes: number): void {
    const ofClient = this.openOf(clientId) + by
    if (ofClient === 0) this.#openByClient.delete(clientId)
    else this.#openByClient.set(clientId, ofClient)
    this.#open += by
    this.#reservedBytes += bytes
    this.#metrics.set('open_reservations', this.#open)
    this.#metrics.set('reserved_bytes', this.#reservedBytes)
  }
}

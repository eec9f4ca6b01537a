import { concat } from '@orlop/crypto/bytes'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { hashStrip, sameTerms } from './block-hashes.ts'
import { assertTerms } from './file-blob-store.ts'
import type {
  BlobEntry,
  BlobStore,
  Staging,
  StripKey,
  StripReader,
  StripTerms,
} from './interfaces.ts'
import { StagedStrip, type StagingMedium } from './staged-strip.ts'
import { describeStrip, formatStripName } from './strip-name.ts'
import { VerifiedStripReader, damaged } from './verified-strip-reader.ts'

interface Final {
  key: StripKey
  bytes: Uint8Array
  lastWriteMs: number
}

/** Strips in memory: for tests, and for nodes that are tests themselves. */
export class MemoryBlobStore implements BlobStore {
  readonly #clock: Clock
  readonly #capacityBytes: number
  readonly #staged = new Map<string, { strip: StagedStrip; medium: MemoryStaging }>()
  readonly #final = new Map<string, Final>()

  /** @param capacityBytes - size of the pretended disk. */
  constructor(clock: Clock, capacityBytes: number = Number.MAX_SAFE_INTEGER) {
    this.#clock = clock
    this.#capacityBytes = capacityBytes
  }

  async stage(key: StripKey, maxBytes: number): Promise<Staging> {
    const name = formatStripName(key)
    if (this.#final.has(name)) {
      throw new OrlopError(
        'ALREADY_EXISTS',
        `${describeStrip(key)} is stored here already. Nothing needs to be sent.`,
      )
    }
    const staged = this.#staged.get(name) ?? this.#create(key)
    this.#staged.set(name, staged)
    return staged.strip.hold(maxBytes)
  }

  stagedBytes(key: StripKey): Promise<number | null> {
    return Promise.resolve(this.#staged.get(formatStripName(key))?.strip.receivedBytes ?? null)
  }

  async discard(key: StripKey): Promise<boolean> {
    await this.#staged.get(formatStripName(key))?.strip.end()
    return this.#staged.delete(formatStripName(key))
  }

  async finalize(key: StripKey, terms: StripTerms): Promise<void> {
    const name = formatStripName(key)
    if (this.#final.has(name)) {
      await this.openReader(key, terms)
      return
    }
    const staged = this.#staged.get(name)
    if (staged === undefined) {
      throw new OrlopError(
        'OBJECT_NOT_FOUND',
        `No bytes of ${describeStrip(key)} are here. Send them before the commit.`,
      )
    }
    assertTerms(key, await staged.strip.seal(), terms)
    await staged.strip.end()
    this.#staged.delete(name)
    const { bytes, lastWriteMs } = staged.medium
    this.#final.set(name, { key, bytes, lastWriteMs })
  }

  restage(key: StripKey): Promise<boolean> {
    const name = formatStripName(key)
    const final = this.#final.get(name)
    if (final === undefined) return Promise.resolve(false)
    this.#final.delete(name)
    this.#staged.set(name, this.#create(key, final.bytes))
    return Promise.resolve(true)
  }

  async openReader(key: StripKey, terms: StripTerms): Promise<StripReader> {
    const final = this.#final.get(formatStripName(key))
    if (final === undefined) throw damaged(key, 'its file is missing')
    const strip = await hashStrip(piecesOf(final.bytes))
    if (!sameTerms(strip, terms)) throw damaged(key, 'its bytes do not lead to its root')
    return new VerifiedStripReader(
      { key, ...strip },
      (offset, length) => Promise.resolve(final.bytes.slice(offset, offset + length)),
      () => Promise.resolve(),
    )
  }

  delete(key: StripKey): Promise<boolean> {
    return Promise.resolve(this.#final.delete(formatStripName(key)))
  }

  setAside(key: StripKey): Promise<boolean> {
    return this.delete(key)
  }

  async *list(): AsyncIterable<BlobEntry> {
    for (const { strip, medium } of this.#staged.values()) {
      yield {
        key: strip.key,
        place: 'staged',
        lengthBytes: strip.receivedBytes,
        lastWriteMs: medium.lastWriteMs,
      }
    }
    for (const { key, bytes, lastWriteMs } of this.#final.values()) {
      yield await Promise.resolve({ key, place: 'final', lengthBytes: bytes.length, lastWriteMs })
    }
  }

  freeBytes(): Promise<number> {
    let used = 0
    for (const { strip } of this.#staged.values()) used += strip.receivedBytes
    for (const { bytes } of this.#final.values()) used += bytes.length
    return Promise.resolve(Math.max(0, this.#capacityBytes - used))
  }

  async close(): Promise<void> {
    for (const { strip } of this.#staged.values()) await strip.end()
  }

  #create(key: StripKey, bytes: Uint8Array = new Uint8Array(0)) {
    const medium = new MemoryStaging(bytes, this.#clock, () => this.freeBytes())
    return { strip: new StagedStrip(key, medium), medium }
  }
}

class MemoryStaging implements StagingMedium {
  bytes: Uint8Array
  lastWriteMs: number
  readonly #clock: Clock
  readonly #freeBytes: () => Promise<number>

  constructor(bytes: Uint8Array, clock: Clock, freeBytes: () => Promise<number>) {
    this.bytes = bytes
    this.#clock = clock
    this.#freeBytes = freeBytes
    this.lastWriteMs = clock.nowMs()
  }

  get lengthBytes(): number {
    return this.bytes.length
  }

  async write(data: Uint8Array, offsetBytes: number): Promise<void> {
    if (data.length > (await this.#freeBytes())) {
      throw new OrlopError('DISK_FULL', 'The memory store is full. Give it a larger capacity.')
    }
    this.bytes = concat(this.bytes.subarray(0, offsetBytes), data)
    this.lastWriteMs = this.#clock.nowMs()
  }

  truncate(lengthBytes: number): Promise<void> {
    this.bytes = this.bytes.slice(0, lengthBytes)
    return Promise.resolve()
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  read(lengthBytes: number): AsyncIterable<Uint8Array> {
    return piecesOf(this.bytes.subarray(0, lengthBytes))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes)
}

import { sharedCrews } from '#shared-crews'
import { MAX_CHUNKS } from '@orlop/crypto/format/chunk-table'
import { decodeHeader } from '@orlop/crypto/format/header'
import { MerkleHasher } from '@orlop/crypto/merkle'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'

import type { CompressionChoice } from '../compress/compress-chunk.ts'
import { abortable } from './abortable.ts'
import type { ByteSource } from './byte-source.ts'
import type { Crew } from './crew.ts'
import { createContext, wipeContext } from './object-context.ts'
import type { ObjectContext, ResultOf, SealedWork } from './operations.ts'
import { type Crews, INLINE_BYTES } from './crews.ts'
import { isShared, ownMemory } from './shared-memory.ts'
import { SlotPool } from './slot-pool.ts'
import type { Slot } from './slot-stock.ts'

/** Most chunks in flight, whatever the number of cores: 128 MiB of plaintext at 4 MiB a chunk, and as much sealed. */
const MAX_SLOTS = 16
const WHAT = 'Sealing'

/** Takes the sealed stream. */
export interface SealedSink {
  /**
   * Takes the next bytes of the stream; the next call comes when this one has ended.
   *
   * @param sealed one sealed chunk. Its memory is used again once the promise is fulfilled: copy what is to be kept.
   */
  write(sealed: Uint8Array<ArrayBuffer>): Promise<void>
}

/** How far the work is, in bytes from the start of each stream. */
export interface PipelineProgress {
  readonly plainBytes: number
  readonly sealedBytes: number
}

/** What {@link sealPipeline} needs. */
export interface SealRequest {
  /** Read to its end and closed, whatever happens. */
  readonly source: ByteSource
  /** The object's encoded header. */
  readonly headerBytes: Uint8Array
  /** 32 bytes; not kept. Its copies are wiped before the call ends. */
  readonly dataKey: Uint8Array
  readonly compression: CompressionChoice
  readonly sink: SealedSink
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: PipelineProgress) => void
  /** Where the work is done; the process-wide workers when left out. */
  readonly crews?: Crews
}

/** What a sealed object came to: the facts of its manifest and of its commits. */
export interface SealSummary {
  readonly plainBytes: number
  readonly plainSha256: Uint8Array
  readonly sealedBytes: number
  /** Sealed length of every chunk, in order. */
  readonly sealedChunkBytes: readonly number[]
  /** Merkle root of the sealed stream: of every strip where k = 1. */
  readonly root: Uint8Array
  /** For the manifest: `stored`, or `zstd-3` and the like when at least one chunk was compressed. */
  readonly codec: string
}

/**
 * Seals a whole object: reads, compresses where that gains, encrypts, and writes the sealed chunks in order, with every core and
 * in flat memory. Until it has ended without an error, what the sink was given is worth nothing.
 *
 * @throws OrlopError `FILE_CHANGED` when the source was not one consistent whole; `ABORTED` on the signal; `WRONG_KEY` when the key
 *   is not the one that the header commits to; `LIMIT_EXCEEDED` beyond 2³² − 1 chunks; and what source and sink throw.
 */
export async function sealPipeline(request: SealRequest): Promise<SealSummary> {
  const context = createContext(request.headerBytes, request.dataKey)
  const run = new SealRun(request, context)
  try {
    const summary = await run.finish()
    await request.source.close()
    return summary
  } catch (error) {
    // A stream that hangs may never close, so nobody waits for it.
    request.source.close().catch(() => undefined)
    throw error
  } finally {
    await run.release()
    wipeContext(context)
  }
}

interface PlainChunk {
  readonly slot: Slot
  /** Empty once its memory was handed over. */
  readonly plain: Uint8Array
  readonly plainBytes: number
  readonly chunkNumber: number
}

/** What is known of a chunk once the next one was looked for. */
interface ChunkPlace {
  readonly isLast: boolean
  /** Hash the plaintext with the sealing: it is the only chunk. */
  readonly hashPlain: boolean
}

/** A sealed chunk whose place in the stream is known, while its leaves are hashed. */
interface PlacedChunk {
  readonly work: SealedWork
  readonly leaves: Promise<ResultOf<'leaves'>>
}

/** One run of the pipeline. Three stages overlap: chunks are sealed in any order, then placed, then written, each in theirs. */
class SealRun {
  readonly #request: SealRequest
  readonly #context: ObjectContext
  readonly #crews: Crews
  readonly #chunkBytes: number
  readonly #slots: SlotPool
  readonly #merkle = new MerkleHasher()
  readonly #sealedChunkBytes: number[] = []
  #crew: Crew
  #nextChunk = 0
  #plainBytes = 0
  #placedBytes = 0
  #writtenPlainBytes = 0
  #compressedChunks = 0
  #plainSha256: Uint8Array | null = null
  #hashed: Promise<unknown> = Promise.resolve()
  #sealed: Promise<unknown> = Promise.resolve()
  #placed: Promise<unknown> = Promise.resolve()
  #written: Promise<unknown> = Promise.resolve()

  constructor(request: SealRequest, context: ObjectContext) {
    this.#request = request
    this.#context = context
    this.#crews = request.crews ?? sharedCrews()
    this.#crew = this.#crews.threads
    this.#chunkBytes = decodeHeader(request.headerBytes).chunkBytes
    const { sizeBytes } = request.source
    // One byte more than announced, so that a source that grew is noticed.
    const slotBytes = Math.min(this.#chunkBytes, (sizeBytes ?? this.#chunkBytes) + 1)
    this.#slots = new SlotPool(slotBytes, Math.min(MAX_SLOTS, 2 * this.#crew.width + 2))
  }

  async finish(): Promise<SealSummary> {
    const reading = this.#readAll()
    // A failure behind the reader must reach it while it waits for a slot.
    this.#written.catch(() => undefined)
    await Promise.all([reading, reading.then(() => this.#written)])
    await this.#hashed
    await this.#request.source.verify()
    return this.#summary()
  }

  async release(): Promise<void> {
    await Promise.allSettled([this.#hashed, this.#sealed, this.#placed, this.#written])
    await this.#crew.release(this.#context.contextId)
    this.#slots.close()
  }

  async #readAll(): Promise<void> {
    let held = await this.#read()
    for (;;) {
      const next = held.plainBytes === this.#chunkBytes ? await this.#read() : null
      const isLast = next === null || next.plainBytes === 0
      if (isLast && held.chunkNumber === 0 && held.plainBytes <= INLINE_BYTES) {
        this.#crew = this.#crews.inline
      }
      this.#start(held, isLast)
      if (isLast) return
      held = next
    }
  }

  async #read(): Promise<PlainChunk> {
    const slot = await this.#slots.acquire()
    const plainBytes = await this.#fill(slot)
    this.#plainBytes += plainBytes
    const chunkNumber = this.#nextChunk++
    if (chunkNumber >= MAX_CHUNKS && plainBytes > 0) {
      throw new OrlopError(
        'LIMIT_EXCEEDED',
        'The data make more than 2³² − 1 chunks. Store them as several objects.',
      )
    }
    return { slot, plain: slot.plain.subarray(0, plainBytes), plainBytes, chunkNumber }
  }

  async #fill(slot: Slot): Promise<number> {
    const { source, signal } = this.#request
    try {
      return await abortable(source.read(slot.plain), signal, WHAT)
    } catch (error) {
      // A read that nobody waits for any more may still write there.
      this.#slots.discard(slot)
      throw error
    }
  }

  #start(chunk: PlainChunk, isLast: boolean): void {
    const hashPlain = isLast && chunk.chunkNumber === 0
    const hashed = hashPlain ? Promise.resolve(chunk.plain) : this.#hash(chunk)
    const sealed = this.#seal(chunk, { isLast, hashPlain }, hashed)
    this.#hashed = Promise.all([this.#hashed, hashed])
    // A chunk that begins to be sealed after the keys were released would bring them back.
    this.#sealed = Promise.allSettled([this.#sealed, sealed])
    const placed = Promise.all([sealed, this.#placed]).then(([work]) => this.#place(work))
    this.#placed = placed
    const written = Promise.all([placed, hashed, this.#written])
    this.#written = written.then(([work]) => this.#write(work, chunk))
    this.#written.catch((error: unknown) => this.#slots.fail(error as Error))
    this.#hashed.catch((error: unknown) => this.#slots.fail(error as Error))
  }

  /** Memory that workers cannot share goes from the one that hashes to the one that seals, and back to its slot. */
  async #seal(
    { slot, plain, chunkNumber }: PlainChunk,
    place: ChunkPlace,
    hashed: Promise<Uint8Array>,
  ): Promise<SealedWork> {
    const context = this.#context
    const { compression } = this.#request
    const { target } = slot
    const free = isShared(plain) ? plain : await hashed
    const work = { context, chunkNumber, ...place, plain: free, compression, target }
    const sealed = await this.#crew.run('seal', work, { transfer: [target, ...ownMemory(free)] })
    slot.plain = new Uint8Array(sealed.plain.buffer)
    return sealed
  }

  /** @returns the plaintext, which is in other memory afterwards where workers cannot share it. */
  async #hash({ plain, chunkNumber }: PlainChunk): Promise<Uint8Array> {
    const { contextId } = this.#context
    const offset = chunkNumber * this.#chunkBytes
    const request = { contextId, plain, offset }
    const transfer = ownMemory(plain)
    const hashed = await this.#crew.run('hash', request, { pin: contextId, transfer })
    return hashed.plain
  }

  /** Once all chunks before are sealed, this one's offset is known, and its leaves can be hashed. */
  #place(work: SealedWork): PlacedChunk {
    const { sealed } = work
    const offset = this.#placedBytes
    this.#placedBytes += sealed.length
    const leaves = this.#crew.run('leaves', { sealed, offset }, { transfer: [sealed.buffer] })
    leaves.catch(() => undefined)
    return { work, leaves }
  }

  async #write({ work, leaves }: PlacedChunk, chunk: PlainChunk): Promise<void> {
    const { signal, sink, onProgress } = this.#request
    const { sealed, piece } = await leaves
    throwIfAborted(signal, WHAT)
    this.#merkle.pushPiece(piece)
    this.#sealedChunkBytes.push(sealed.length)
    if (work.codec !== 'stored') this.#compressedChunks += 1
    this.#plainSha256 ??= work.plainSha256
    this.#writtenPlainBytes += chunk.plainBytes
    await abortable(sink.write(sealed), signal, WHAT)
    chunk.slot.target = sealed.buffer
    this.#slots.release(chunk.slot)
    onProgress?.({ plainBytes: this.#writtenPlainBytes, sealedBytes: this.#merkle.streamBytes })
  }

  async #summary(): Promise<SealSummary> {
    const { root, streamBytes } = this.#merkle.digest()
    const { codec, level } = this.#request.compression
    return {
      plainBytes: this.#plainBytes,
      plainSha256: this.#plainSha256 ?? (await this.#digest()),
      sealedBytes: streamBytes,
      sealedChunkBytes: this.#sealedChunkBytes,
      root,
      codec: this.#compressedChunks === 0 ? 'stored' : `${codec}-${level}`,
    }
  }

  async #digest(): Promise<Uint8Array> {
    const { contextId } = this.#context
    const request = { contextId, totalBytes: this.#plainBytes }
    const { plainSha256 } = await this.#crew.run('digest', request, { pin: contextId })
    return plainSha256
  }
}

import { sharedCrews } from '#shared-crews'
import { equalConstantTime } from '@orlop/crypto/bytes'
import type { ChunkTable, SealedRange } from '@orlop/crypto/format/chunk-table'
import { decodeHeader } from '@orlop/crypto/format/header'
import { sealedLength } from '@orlop/crypto/sealing/chunk'
import { MerkleHasher } from '@orlop/crypto/merkle'
import { SUITES } from '@orlop/crypto/suites/suites'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'

import type { Crew } from './crew.ts'
import { createContext, wipeContext } from './object-context.ts'
import type { ObjectContext, OpenedWork } from './operations.ts'
import { OrderedQueue } from './ordered-queue.ts'
import type { PipelineProgress } from './seal-pipeline.ts'
import { SealedReader } from './sealed-reader.ts'
import { type Crews, INLINE_BYTES } from './crews.ts'
import { ownMemory } from './shared-memory.ts'
import { toOrlopError } from './work-error.ts'

const MAX_IN_FLIGHT = 16
const WHAT = 'Opening'

/** A part of the plaintext, in bytes; `end` is exclusive. */
export interface PlainRange {
  readonly start: number
  readonly end: number
}

/** What {@link openPipeline} needs. */
export interface OpenRequest {
  /** The object's encoded header. */
  readonly headerBytes: Uint8Array
  /** 32 bytes; not kept. Its copies are wiped when the stream ends. */
  readonly dataKey: Uint8Array
  /** From the manifest. */
  readonly table: ChunkTable
  /** From the manifest, 32 bytes; compared when the whole object is read. */
  readonly plainSha256: Uint8Array
  /** Merkle root of the sealed stream, 32 bytes; compared when the whole object is read, unless left out. */
  readonly sealedRoot?: Uint8Array
  /** All of the plaintext when left out. */
  readonly range?: PlainRange
  /**
   * Fetches sealed bytes, in pieces of any size; called once. It gets a signal that fires when the reader wants no more. A piece
   * may be overwritten once the next is asked for.
   *
   * @param range in the sealed stream, in bytes; `end` is exclusive.
   */
  readonly fetch: (range: PlainRange, signal: AbortSignal) => AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: PipelineProgress) => void
  /** Where the work is done; the process-wide workers when left out. */
  readonly crews?: Crews
}

/**
 * Opens an object, or a range of it: fetches the sealed chunks, decrypts and decompresses them with every core and in flat memory,
 * and gives the plaintext in order. Each piece was authenticated; that the object is whole is known before the last piece is given.
 *
 * @throws OrlopError `OBJECT_DAMAGED` when a bit differs from what was sealed, bytes are missing or the plaintext's hash is another;
 *   `STRIP_DAMAGED` when the sealed stream has another root; `DECOMPRESSION_LIMIT` for a chunk that holds more than it declares; `WRONG_KEY` when the key is not the one that the header
 *   commits to; `ABORTED` on the signal; RangeError when the range is not within the plaintext; and what `fetch` throws.
 */
export async function* openPipeline(
  request: OpenRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { table, dataKey, headerBytes } = request
  const range = request.range ?? { start: 0, end: table.plainBytes }
  const sealedRange = table.range(range.start, range.end)
  assertTable(table, headerBytes)
  if (sealedRange.firstChunk === sealedRange.endChunk) return
  const context = createContext(headerBytes, dataKey)
  const run = new OpenRun(request, context, sealedRange)
  try {
    yield* run.plaintext(range)
  } finally {
    await run.release()
    wipeContext(context)
  }
}

/** A manifest comes from the object's author, who may be anybody: nothing it declares is believed before it is bounded. */
function assertTable(table: ChunkTable, headerBytes: Uint8Array): void {
  const header = decodeHeader(headerBytes)
  const limit = sealedLength({ suite: SUITES[header.suite] }, header.chunkBytes)
  if (table.chunkBytes !== header.chunkBytes) {
    throw new OrlopError(
      'OBJECT_DAMAGED',
      'Manifest and header differ in chunk size. The object was written wrongly; store it again.',
    )
  }
  for (let chunk = 0; chunk < table.chunkCount; chunk++) {
    if (table.sealedChunkBytes(chunk) <= limit) continue
    throw new OrlopError(
      'LIMIT_EXCEEDED',
      `The manifest declares a sealed chunk longer than the ${limit} bytes that the header allows. Do not open this object.`,
      { details: { chunk, limit } },
    )
  }
}

interface OpenedChunk extends Pick<OpenedWork, 'plain' | 'piece' | 'plainSha256'> {
  readonly chunk: number
}

class OpenRun {
  readonly #request: OpenRequest
  readonly #context: ObjectContext
  readonly #range: SealedRange
  readonly #crew: Crew
  readonly #queue: OrderedQueue<OpenedChunk>
  readonly #stop = new AbortController()
  readonly #isWhole: boolean
  readonly #merkle = new MerkleHasher()
  /** Memory of sealed chunks that are opened, for the next ones. */
  readonly #used: ArrayBuffer[] = []
  #reading: Promise<void> = Promise.resolve()

  constructor(request: OpenRequest, context: ObjectContext, range: SealedRange) {
    this.#request = request
    this.#context = context
    this.#range = range
    const crews = request.crews ?? sharedCrews()
    const { table } = request
    const isSmall =
      range.endChunk - range.firstChunk === 1 &&
      table.plainChunkBytes(range.firstChunk) <= INLINE_BYTES
    this.#crew = isSmall ? crews.inline : crews.threads
    this.#isWhole = range.firstChunk === 0 && range.endChunk === table.chunkCount
    this.#queue = new OrderedQueue(Math.min(MAX_IN_FLIGHT, 2 * this.#crew.width + 1))
  }

  /** Gives the plaintext of `range`, piece by piece. */
  async *plaintext(range: PlainRange): AsyncGenerator<Uint8Array, void, undefined> {
    this.#reading = this.#readAll()
    const { table } = this.#request
    for await (const opened of this.#queue.take()) {
      throwIfAborted(this.#request.signal, WHAT)
      const { plain, plainSha256 } = await this.#hash(opened)
      if (opened.piece !== null) this.#merkle.pushPiece(opened.piece)
      if (this.#isWhole && table.isLast(opened.chunk)) await this.#verify(plainSha256)
      const start = opened.chunk * table.chunkBytes
      const piece = plain.subarray(Math.max(0, range.start - start), range.end - start)
      if (piece.length > 0) yield piece
      this.#report(opened.chunk)
    }
  }

  async release(): Promise<void> {
    this.#stop.abort()
    this.#queue.end()
    await this.#reading
    await this.#queue.settled()
    await this.#crew.release(this.#context.contextId)
  }

  async #readAll(): Promise<void> {
    const { sealedStart: start, sealedEnd: end } = this.#range
    const { signal } = this.#request
    const stop =
      signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal])
    const reader = new SealedReader(this.#request.fetch({ start, end }, stop), stop)
    try {
      for (let chunk = this.#range.firstChunk; chunk < this.#range.endChunk; chunk++) {
        if (!(await this.#queue.room())) break
        const sealed = this.#memoryFor(chunk)
        await reader.read(sealed)
        this.#queue.push(this.#open(chunk, sealed))
      }
      this.#queue.end()
    } catch (error) {
      this.#queue.fail(error as Error)
    } finally {
      reader.cancel()
    }
  }

  #memoryFor(chunk: number): Uint8Array<ArrayBuffer> {
    const lengthBytes = this.#request.table.sealedChunkBytes(chunk)
    const used = this.#used.pop()
    if (used !== undefined && used.byteLength >= lengthBytes) {
      return new Uint8Array(used, 0, lengthBytes)
    }
    return new Uint8Array(lengthBytes)
  }

  async #open(chunk: number, sealed: Uint8Array<ArrayBuffer>): Promise<OpenedChunk> {
    const { table } = this.#request
    const work = {
      context: this.#context,
      chunkNumber: chunk,
      isLast: table.isLast(chunk),
      sealed,
      sealedStart: this.#isRootWanted ? table.sealedStart(chunk) : null,
      plainBytes: table.plainChunkBytes(chunk),
      hashPlain: table.chunkCount === 1,
    }
    try {
      const opened = await this.#crew.run('open', work, { transfer: [sealed.buffer] })
      this.#used.push(opened.used.buffer)
      const { plain, piece, plainSha256 } = opened
      return { chunk, plain, piece, plainSha256 }
    } catch (cause) {
      const { code, message, details } = toOrlopError(cause)
      throw new OrlopError(code, message, { cause, details: { ...details, chunk } })
    }
  }

  /** Adds a chunk to the hash of the whole, where the whole is read and has more than this one chunk. */
  async #hash(opened: OpenedChunk): Promise<OpenedChunk> {
    const { plain } = opened
    if (!this.#isWhole || this.#request.table.chunkCount === 1) return opened
    const { contextId } = this.#context
    const transfer = ownMemory(plain)
    const offset = opened.chunk * this.#request.table.chunkBytes
    const request = { contextId, plain, offset }
    const hashed = await this.#crew.run('hash', request, { pin: contextId, transfer })
    return { ...opened, plain: hashed.plain }
  }

  get #isRootWanted(): boolean {
    return this.#isWhole && this.#request.sealedRoot !== undefined
  }

  async #verify(hashOfOnlyChunk: Uint8Array | null): Promise<void> {
    this.#verifyRoot()
    const plainSha256 = hashOfOnlyChunk ?? (await this.#digest())
    if (equalConstantTime(plainSha256, this.#request.plainSha256)) return
    throw new OrlopError(
      'OBJECT_DAMAGED',
      'The plaintext has another hash than the manifest says. The object was written wrongly; do not use what was read.',
    )
  }

  #verifyRoot(): void {
    const { sealedRoot } = this.#request
    if (sealedRoot === undefined) return
    if (equalConstantTime(this.#merkle.digest().root, sealedRoot)) return
    throw new OrlopError(
      'STRIP_DAMAGED',
      'The sealed bytes do not have the Merkle root of their receipt. Fetch another copy; tell the operator of the node they came from.',
    )
  }

  async #digest(): Promise<Uint8Array> {
    const { contextId } = this.#context
    const request = { contextId, totalBytes: this.#request.table.plainBytes }
    const { plainSha256 } = await this.#crew.run('digest', request, { pin: contextId })
    return plainSha256
  }

  #report(chunk: number): void {
    const { table, onProgress } = this.#request
    onProgress?.({
      plainBytes:
        Math.min(table.plainBytes, (chunk + 1) * table.chunkBytes) -
        this.#range.firstChunk * table.chunkBytes,
      sealedBytes: table.sealedStart(chunk + 1) - this.#range.sealedStart,
    })
  }
}

import { freeMemory } from '@orlop/crypto/bytes'
import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import { defaultChaosEngine } from '@orlop/crypto/chaos/default-engine'
import { createSha256, sha256 } from '@orlop/crypto/hash'
import type { Sha256 } from '@orlop/crypto/hash'
import { type HashedPiece, hashPiece } from '@orlop/crypto/merkle'
import { applyChaosLayer, encodeChunkBody, openChunk, sealChunk } from '@orlop/crypto/sealing/chunk'
import { createSealingContext } from '@orlop/crypto/sealing/sealing-context'
import type { SealingContext } from '@orlop/crypto/sealing/sealing-context'

import { codecs } from '../compress/codecs.ts'
import { compressChunk, decompressChunk } from '../compress/compress-chunk.ts'
import type { ObjectContext, Operation, RequestOf, ResultOf } from './operations.ts'

type Handlers = { [K in Operation]: (request: RequestOf<K>) => ResultOf<K> }

interface RunningHash {
  readonly hash: Sha256
  bytes: number
}

/** Does the work of {@link Operations}, synchronously, in whichever thread it is made. Keeps keys only until `release`. */
export class Workbench {
  readonly #contexts = new Map<number, SealingContext>()
  readonly #hashes = new Map<number, RunningHash>()
  readonly #handlers: Handlers = {
    seal: (work) => this.#seal(work),
    encode: encodeWork,
    chaos: ({ context, chunkNumber, data }) => {
      applyChaosLayer(this.#contextOf(context), chunkNumber, data)
      return { data }
    },
    open: (work) => this.#open(work),
    leaves: ({ sealed, offset }) => ({ sealed, piece: hashPiece(sealed, offset) }),
    hash: ({ contextId, plain, offset }) => {
      const running = this.#hashAt(contextId, offset)
      running.hash.update(plain)
      running.bytes += plain.length
      return { plain }
    },
    digest: ({ contextId, totalBytes }) => {
      const { hash } = this.#hashAt(contextId, totalBytes)
      this.#hashes.delete(contextId)
      return { plainSha256: hash.digest() }
    },
    release: ({ contextId }) => {
      this.#contexts.get(contextId)?.dispose()
      this.#contexts.delete(contextId)
      this.#hashes.delete(contextId)
      return { contextId }
    },
  }

  /** @throws what the work throws: CryptoError or OrlopError. */
  perform<K extends Operation>(operation: K, request: RequestOf<K>): ResultOf<K> {
    return this.#handlers[operation](request)
  }

  #seal(work: RequestOf<'seal'>): ResultOf<'seal'> {
    const context = this.#contextOf(work.context)
    const chunk = compressChunk(work.plain, work.compression, codecs)
    const sealed = sealChunk(context, work, chunk, { allocate: takeFrom(work.target) })
    if (chunk.body !== work.plain) freeMemory(chunk.body)
    return {
      sealed,
      plain: work.plain,
      codec: chunk.codec,
      plainSha256: work.hashPlain ? sha256(work.plain) : null,
    }
  }

  #open(work: RequestOf<'open'>): ResultOf<'open'> {
    const context = this.#contextOf(work.context)
    // Before the chunk is opened in place.
    const piece = work.sealedStart === null ? null : hashLeaves(work.sealed, work.sealedStart)
    const chunk = openChunk(context, work, work.sealed, { mayOverwrite: true })
    const plain = decompressChunk(chunk, work.plainBytes, codecs)
    if (chunk.codec !== 'stored') freeMemory(chunk.body)
    const plainSha256 = work.hashPlain ? sha256(plain) : null
    return { plain, used: work.sealed, piece, plainSha256 }
  }

  #contextOf({ contextId, headerBytes, dataKey }: ObjectContext): SealingContext {
    const known = this.#contexts.get(contextId)
    if (known !== undefined) return known
    const context = createSealingContext({
      dataKey,
      headerBytes,
      backend: platformBackend,
      chaos: defaultChaosEngine(),
    })
    this.#contexts.set(contextId, context)
    return context
  }

  /** The running hash of an object, which must have come exactly this far: a worker that was replaced would have forgotten it. */
  #hashAt(contextId: number, bytes: number): RunningHash {
    const running = this.#hashes.get(contextId) ?? { hash: createSha256(), bytes: 0 }
    if (running.bytes !== bytes) {
      throw new RangeError(`hash: expected ${running.bytes} bytes before, got ${bytes}`)
    }
    this.#hashes.set(contextId, running)
    return running
  }
}

function encodeWork(work: RequestOf<'encode'>): ResultOf<'encode'> {
  const { plain, compression, target, hashPlain } = work
  const chunk = compressChunk(plain, compression, codecs)
  const message = encodeChunkBody(chunk, takeFrom(target))
  if (chunk.body !== plain) freeMemory(chunk.body)
  return { message, plain, codec: chunk.codec, plainSha256: hashPlain ? sha256(plain) : null }
}

/** As `hashPiece`, without views of `sealed`. */
function hashLeaves(sealed: Uint8Array, offset: number): HashedPiece {
  const { head, leafHashes, tail } = hashPiece(sealed, offset)
  return { head: head.slice(), leafHashes, tail: tail.slice() }
}

/** Uses the same memory for chunk after chunk: fresh pages cost more than the cipher does, on virtual machines above all. */
function takeFrom(target: ArrayBuffer) {
  return (lengthBytes: number): Uint8Array<ArrayBuffer> =>
    lengthBytes <= target.byteLength
      ? new Uint8Array(target, 0, lengthBytes)
      : new Uint8Array(lengthBytes)
}

import type { HashedPiece } from '@orlop/crypto/merkle'
import type { ChunkPosition } from '@orlop/crypto/sealing/chunk'
import type { CodecName } from '@orlop/crypto/format/codec'

import type { CompressionChoice } from '../compress/compress-chunk.ts'

/**
 * The keys of one object, as work on its chunks names them. The data key lies in shared memory, so that no copy of it is made on
 * its way to a worker, and its owner can wipe the one there is. Where memory cannot be shared, a worker wipes the copy it was sent.
 */
export interface ObjectContext {
  /** Unique in this process. */
  readonly contextId: number
  readonly headerBytes: Uint8Array
  /** 32 bytes. */
  readonly dataKey: Uint8Array
}

export interface SealWork extends ChunkPosition {
  readonly context: ObjectContext
  /** Its memory may be handed over, unless it is shared; the result brings it back. */
  readonly plain: Uint8Array
  readonly compression: CompressionChoice
  /** Memory for the sealed chunk, handed over; the result brings it back, or other memory when it is too short. */
  readonly target: ArrayBuffer
  /** Hash the plaintext too: saves a round trip for an object of one chunk. */
  readonly hashPlain: boolean
}

/** What {@link SealWork} takes of a chunk before its cipher. */
export type EncodeWork = Pick<SealWork, 'plain' | 'compression' | 'target' | 'hashPlain'>

export interface EncodedWork extends Omit<SealedWork, 'sealed'> {
  /** Codec byte and body, in the memory of `target` where it is long enough. */
  readonly message: Uint8Array<ArrayBuffer>
}

/** Sealed bytes of one chunk, and whose they are. */
export interface ChaosWork {
  readonly context: ObjectContext
  readonly chunkNumber: number
  /** Changed where it lies, its memory handed over; the result brings it back. */
  readonly data: Uint8Array<ArrayBuffer>
}

export interface SealedWork {
  readonly sealed: Uint8Array<ArrayBuffer>
  /** The plaintext, as it came. */
  readonly plain: Uint8Array
  readonly codec: CodecName
  /** SHA-256 of the plaintext, where it was asked for. */
  readonly plainSha256: Uint8Array | null
}

export interface OpenWork extends ChunkPosition {
  readonly context: ObjectContext
  /** Overwritten, and its memory handed over; the result brings it back. */
  readonly sealed: Uint8Array<ArrayBuffer>
  /** Where the chunk begins in the sealed stream, in bytes, to have its leaves hashed too; null for not. */
  readonly sealedStart: number | null
  /** Length of the plaintext, as the chunk table says. */
  readonly plainBytes: number
  /** As in {@link SealWork}. */
  readonly hashPlain: boolean
}

export interface OpenedWork {
  readonly plain: Uint8Array
  /** The memory that the sealed chunk was in. */
  readonly used: Uint8Array<ArrayBuffer>
  /** The hashed leaves of the sealed chunk, where they were asked for. */
  readonly piece: HashedPiece | null
  /** SHA-256 of the plaintext, where it was asked for. */
  readonly plainSha256: Uint8Array | null
}

export interface Released {
  readonly contextId: number
}

/** Everything that is done to bytes away from the event loop: what goes in, and what comes out. */
export interface Operations {
  /** Compresses where it gains, and seals. */
  seal: { readonly request: SealWork; readonly result: SealedWork }
  /** Compresses where it gains: the first half of `seal`, for ciphers that are elsewhere. */
  encode: { readonly request: EncodeWork; readonly result: EncodedWork }
  /** Lays the chaotic layer over sealed bytes: the last part of `seal`. */
  chaos: {
    readonly request: ChaosWork
    readonly result: { readonly data: Uint8Array<ArrayBuffer> }
  }
  /** Opens, and decompresses within the declared length. */
  open: { readonly request: OpenWork; readonly result: OpenedWork }
  /** Hashes the leaves in a piece of the sealed stream, and gives the piece back. */
  leaves: {
    readonly request: { readonly sealed: Uint8Array<ArrayBuffer>; readonly offset: number }
    readonly result: { readonly sealed: Uint8Array<ArrayBuffer>; readonly piece: HashedPiece }
  }
  /** Adds plaintext to the hash of an object, and gives it back; must stay with one worker. */
  hash: {
    readonly request: {
      readonly contextId: number
      readonly plain: Uint8Array
      /** Bytes that were added before. */
      readonly offset: number
    }
    readonly result: { readonly plain: Uint8Array }
  }
  /** Ends the hash of an object. */
  digest: {
    readonly request: { readonly contextId: number; readonly totalBytes: number }
    readonly result: { readonly plainSha256: Uint8Array }
  }
  /** Wipes the keys and drops the hash of an object. */
  release: { readonly request: { readonly contextId: number }; readonly result: Released }
}

export type Operation = keyof Operations
export type RequestOf<K extends Operation> = Operations[K]['request']
export type ResultOf<K extends Operation> = Operations[K]['result']

import type { SealRequest } from '../backends/cipher-backend.ts'
import { assertBytes, assertInteger, concat, u32be } from '../bytes.ts'
import { LimitError } from '../errors.ts'
import { MAX_CHUNKS } from '../format/chunk-table.ts'
import { CODEC_CODES, codecOf } from '../format/codec.ts'
import type { CodecName } from '../format/codec.ts'
import type { ObjectKeys } from '../keys/object-keys.ts'
import type { SealingContext } from './sealing-context.ts'

const CODEC_BYTES = 1

/** Which chunk of the object: both parts are in the nonce, so neither can be changed unseen. */
export interface ChunkPosition {
  /** From 0; each number is sealed at most once under one data key. */
  readonly chunkNumber: number
  /** Whether the object ends with this chunk. */
  readonly isLast: boolean
}

/** A chunk's plaintext as it is sealed: already compressed, or stored as it was. */
export interface ChunkBody {
  readonly codec: CodecName
  /** At most the header's `chunkBytes`: what compression makes longer is stored. */
  readonly body: Uint8Array
}

/** Options of {@link sealChunk}. */
export type SealChunkOptions = Pick<SealRequest, 'allocate'>

/** Sealed length of a chunk whose body has this length. */
export function sealedLength(context: Pick<SealingContext, 'suite'>, bodyBytes: number): number {
  return CODEC_BYTES + bodyBytes + context.suite.tagBytes
}

/**
 * Seals one chunk (formats.md 4). A chunk number must be sealed at most once under one data key:
 * resending takes the sealed bytes from a spool.
 *
 * @param options.allocate - gives memory for the result; fresh memory when left out
 * @returns the sealed chunk, in memory of its own or from `allocate`
 * @throws RangeError when the chunk number is not a u32 below 2³² − 1 or the body too long
 */
export function sealChunk(
  context: SealingContext,
  position: ChunkPosition,
  chunk: ChunkBody,
  options: SealChunkOptions = {},
): Uint8Array<ArrayBuffer> {
  assertBytes('body', chunk.body)
  assertInteger('body length', chunk.body.length, { min: 0, max: context.header.chunkBytes })
  const sealed = context.backend.seal({
    suite: context.suite.name,
    key: context.keys.cipherKey,
    nonce: chunkNonce(context, position),
    additionalData: context.headerHash,
    plaintext: [Uint8Array.of(CODEC_CODES[chunk.codec]), chunk.body],
    ...options,
  })
  applyChaosLayer(context, position.chunkNumber, sealed)
  return sealed
}

/** Options of {@link openChunk}. */
export interface OpenChunkOptions {
  /** Whether `sealed` may be overwritten, which saves a copy at level 2. */
  readonly mayOverwrite?: boolean
}

/**
 * Opens one sealed chunk; `sealed` is left unchanged unless the options say that it need not be. The
 * body is still compressed as `codec` says.
 *
 * @throws AuthenticationError when a bit differs from what was sealed, at this very position and
 *   with this last flag, under this header
 * @throws LimitError when it is longer than any chunk of this object can be
 * @throws UnsupportedVersionError when it was sealed with a codec of a later release
 */
export function openChunk(
  context: SealingContext,
  position: ChunkPosition,
  sealed: Uint8Array,
  options: OpenChunkOptions = {},
): ChunkBody {
  assertBytes('sealed', sealed)
  const limit = sealedLength(context, context.header.chunkBytes)
  if (sealed.length > limit) {
    throw new LimitError(
      `sealed chunk of ${String(sealed.length)} bytes exceeds the object's limit of ` +
        `${String(limit)}; fetch it again from another node`,
    )
  }
  let authenticated = sealed
  if (context.chaosLayer !== null) {
    if (options.mayOverwrite !== true) authenticated = new Uint8Array(sealed)
    applyChaosLayer(context, position.chunkNumber, authenticated)
  }
  const plaintext = context.backend.open({
    suite: context.suite.name,
    key: context.keys.cipherKey,
    nonce: chunkNonce(context, position),
    additionalData: context.headerHash,
    sealed: authenticated,
  })
  return decodeChunkBody(plaintext)
}

/**
 * What the suite's cipher seals of a chunk: codec byte ‖ body. For who seals in steps, as with a card.
 *
 * @param allocate - gives memory for the result
 */
export function encodeChunkBody(
  { codec, body }: ChunkBody,
  allocate: (lengthBytes: number) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const message = allocate(CODEC_BYTES + body.length)
  message[0] = CODEC_CODES[codec]
  message.set(body, CODEC_BYTES)
  return message
}

/** Reverses {@link encodeChunkBody}. @throws UnsupportedVersionError for a codec of a later release */
export function decodeChunkBody(plaintext: Uint8Array): ChunkBody {
  return { codec: codecOf(plaintext[0]), body: plaintext.subarray(CODEC_BYTES) }
}

/** STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): prefix ‖ u32 chunk number ‖ last flag. */
export function chunkNonce(
  context: { readonly keys: Pick<ObjectKeys, 'noncePrefix'> },
  position: ChunkPosition,
): Uint8Array {
  assertInteger('chunkNumber', position.chunkNumber, { min: 0, max: MAX_CHUNKS - 1 })
  const lastFlag = Uint8Array.of(position.isLast ? 1 : 0)
  return concat(context.keys.noncePrefix, u32be(position.chunkNumber), lastFlag)
}

/** Lays the keystream of the chaotic layer over a chunk, or takes it away again; does nothing at level 1. */
export function applyChaosLayer(
  context: SealingContext,
  chunkNumber: number,
  data: Uint8Array,
): void {
  if (context.chaosLayer === null) return
  const { engine, key, profile } = context.chaosLayer
  engine.xorKeystream(key, profile, chunkNumber, data)
}

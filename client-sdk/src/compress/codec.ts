import type { CodecName } from '@orlop/crypto/format/codec'

/** Turns a chunk's plaintext into a shorter body and back. One implementation for each platform: browsers bring their own zstd. */
export interface Codec {
  readonly name: CodecName
  /**
   * Compresses a chunk.
   *
   * @param level how hard to try, 1–19; a codec without levels ignores it.
   * @returns the body; it may be longer than `plain`, and may share memory with it.
   */
  compress(plain: Uint8Array, level: number): Uint8Array
  /**
   * Restores a chunk. Never takes more memory than `plainBytes` and a fixed window, whatever the body declares.
   *
   * @param plainBytes exact length of the plaintext, as the chunk table says; at most 4 MiB.
   * @throws OrlopError `DECOMPRESSION_LIMIT` when the body holds more; `OBJECT_DAMAGED` when it holds less or cannot be read.
   */
  decompress(body: Uint8Array, plainBytes: number): Uint8Array
}

/** Every codec of this release by its name. */
export type Codecs = Readonly<Record<CodecName, Codec>>

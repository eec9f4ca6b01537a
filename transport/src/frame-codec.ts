import { OrlopError } from '@orlop/protocol/errors'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import type { Frame } from './transport.ts'

/** Length prefixes of frames up to 2²¹ − 1 bytes fit three bytes of seven bits each. */
const MAX_PREFIX_BYTES = 3

/**
 * What goes before a frame: its length as an unsigned varint (multiformats unsigned-varint: seven bits a byte, low bits first).
 *
 * @throws OrlopError `MESSAGE_TOO_LARGE` above `MAX_FRAME_BYTES`.
 */
export function framePrefix(frameBytes: number): Uint8Array {
  if (frameBytes > MAX_FRAME_BYTES) throw tooLarge(frameBytes)
  const prefix: number[] = []
  let rest = frameBytes
  for (; rest >= 0x80; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80)
  prefix.push(rest)
  return Uint8Array.from(prefix)
}

/** Bytes a frame of this length takes in the stream. */
export function framedLength(frameBytes: number): number {
  return framePrefix(frameBytes).length + frameBytes
}

/** A frame's pieces, in their order. */
export function piecesOf(frame: Frame): readonly Uint8Array[] {
  return frame instanceof Uint8Array ? [frame] : frame
}

/** Bytes of all pieces. */
export function lengthOf(frame: Frame): number {
  return piecesOf(frame).reduce((sum, piece) => sum + piece.length, 0)
}

/** Cuts a byte stream into frames. Holds at most what was pushed and not taken yet. */
export class FrameDecoder {
  #parts: Uint8Array[] = []
  #offset = 0
  #bytes = 0
  /** Body length of the frame at the front; null until its prefix is complete. */
  #bodyBytes: number | null = null

  /** Bytes of the stream that no taken frame has used. */
  get pendingBytes(): number {
    return this.#bytes
  }

  /** Whether {@link next} would give a frame. */
  get hasFrame(): boolean {
    return this.#bodyBytes !== null && this.#bytes >= this.#bodyBytes
  }

  /** @throws OrlopError as {@link next}, as soon as a length prefix shows it. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#parts.push(bytes)
    this.#bytes += bytes.length
    this.#readPrefix()
  }

  /**
   * The next frame's bytes, or null until it is complete.
   *
   * @throws OrlopError `MESSAGE_TOO_LARGE` or `MALFORMED_MESSAGE` for a length prefix that is too large, too long or not minimal.
   */
  next(): Uint8Array | null {
    if (this.#bodyBytes === null || this.#bytes < this.#bodyBytes) return null
    const frame = this.#take(this.#bodyBytes)
    this.#bodyBytes = null
    this.#readPrefix()
    return frame
  }

  #readPrefix(): void {
    if (this.#bodyBytes !== null) return
    let length = 0
    for (let index = 0; index < MAX_PREFIX_BYTES; index++) {
      const byte = this.#byteAt(index)
      if (byte === null) return
      length |= (byte & 0x7f) << (7 * index)
      if (byte >= 0x80) continue
      if (byte === 0 && index > 0) throw malformedPrefix()
      if (length > MAX_FRAME_BYTES) throw tooLarge(length)
      this.#take(index + 1)
      this.#bodyBytes = length
      return
    }
    throw malformedPrefix()
  }

  #byteAt(index: number): number | null {
    let at = this.#offset + index
    for (const part of this.#parts) {
      if (at < part.length) return part[at] ?? null
      at -= part.length
    }
    return null
  }

  /** Removes `lengthBytes` from the front. A copy, so that a frame neither keeps nor shares the memory it arrived in. */
  #take(lengthBytes: number): Uint8Array {
    this.#bytes -= lengthBytes
    const joined = new Uint8Array(lengthBytes)
    for (let filled = 0; filled < lengthBytes;) {
      const part = this.#parts[0]
      if (part === undefined) throw new RangeError('frame decoder: expected more bytes')
      const taken = Math.min(part.length - this.#offset, lengthBytes - filled)
      joined.set(part.subarray(this.#offset, this.#offset + taken), filled)
      filled += taken
      this.#advance(part, taken)
    }
    return joined
  }

  #advance(part: Uint8Array, lengthBytes: number): void {
    this.#offset += lengthBytes
    if (this.#offset < part.length) return
    this.#parts.shift()
    this.#offset = 0
  }
}

function tooLarge(lengthBytes: number): OrlopError {
  return new OrlopError(
    'MESSAGE_TOO_LARGE',
    `A frame of ${lengthBytes} bytes is longer than the limit of ${MAX_FRAME_BYTES}. Send less at a time.`,
  )
}

function malformedPrefix(): OrlopError {
  return new OrlopError(
    'MALFORMED_MESSAGE',
    'A peer sent a frame whose length is not written as a short varint. Check that both sides run the same version.',
  )
}

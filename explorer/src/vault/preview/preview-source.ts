/** What a preview reads from: the part of the SDK's `ObjectReader` that it needs. */
export interface PreviewSource {
  /** Bytes of the plaintext. */
  readonly plainBytes: number
  /** Reads a part, `end` exclusive. */
  read(range: { readonly start: number; readonly end: number }): {
    readonly stream: AsyncIterable<Uint8Array>
  }
}

/** Bytes at the beginning that every preview starts from; most show nothing beyond them. */
export const PREVIEW_HEAD_BYTES = 256 * 1024

/** The beginning of an object, and where the rest is. */
export interface ReadHead {
  readonly source: PreviewSource
  /** The first {@link PREVIEW_HEAD_BYTES}, or all of a smaller object. */
  readonly head: Uint8Array
}

/** How a reading is watched and ended. */
export interface ReadingOptions {
  readonly signal: AbortSignal
  /** Called with the bytes of the object that were read so far. */
  readonly onProgress?: (doneBytes: number) => void
}

/** Reads the beginning of an object. */
export async function readHead(source: PreviewSource, signal: AbortSignal): Promise<ReadHead> {
  const head = new Uint8Array(Math.min(PREVIEW_HEAD_BYTES, source.plainBytes))
  let length = 0
  if (head.length > 0) {
    for await (const piece of source.read({ start: 0, end: head.length }).stream) {
      signal.throwIfAborted()
      const part = piece.subarray(0, head.length - length)
      head.set(part, length)
      length += part.length
    }
  }
  return { source, head: head.subarray(0, length) }
}

/** Reads all of an object in pieces, of which the beginning is not asked for again. */
export async function* readAll(
  { source, head }: ReadHead,
  { signal, onProgress }: ReadingOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted()
  yield head
  let doneBytes = head.length
  if (doneBytes >= source.plainBytes) return
  for await (const piece of source.read({ start: doneBytes, end: source.plainBytes }).stream) {
    signal.throwIfAborted()
    yield piece
    doneBytes += piece.length
    onProgress?.(doneBytes)
  }
}

import type { PreviewSource } from './preview-source.ts'

/** What a source in memory is asked for. */
export interface MemorySource extends PreviewSource {
  readonly ranges: { readonly start: number; readonly end: number }[]
}

/**
 * A source of bytes in memory that come in pieces.
 *
 * @param claimedBytes - a longer length than there is: reading beyond the bytes then fails.
 */
export function memorySource(
  bytes: Uint8Array,
  { pieceBytes = 100_000, claimedBytes = bytes.length } = {},
): MemorySource {
  const ranges: MemorySource['ranges'] = []
  return {
    plainBytes: claimedBytes,
    ranges,
    read({ start, end }) {
      ranges.push({ start, end })
      return { stream: piecesOf(bytes, { start, end, pieceBytes }) }
    },
  }
}

async function* piecesOf(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number; readonly pieceBytes: number },
) {
  const { start, end, pieceBytes } = range
  for (let at = start; at < Math.min(end, bytes.length); at += pieceBytes) {
    yield await Promise.resolve(bytes.subarray(at, Math.min(end, at + pieceBytes)))
  }
  if (end > bytes.length && start > 0) throw new Error('The rest is not there')
}

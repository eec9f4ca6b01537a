const MAGIC = 0xfd2fb528
const CHECKSUM_BYTES = 4
const RLE_BLOCK = 1

/** What the outside of a Zstandard frame says, before anything in it is decompressed. */
export interface ZstdFrame {
  /** Memory that decompressing needs beside its output. */
  readonly windowBytes: number
  /** Length of the content; null where the frame does not say it. */
  readonly contentBytes: number | null
  /** Length of the frame itself, checksum included. */
  readonly frameBytes: number
}

/**
 * Reads the header of a frame and walks over its blocks (RFC 8878 sections 3.1.1.1 and 3.1.1.2).
 *
 * @returns null when the bytes do not begin with one whole frame without a dictionary.
 */
export function parseZstdFrame(body: Uint8Array): ZstdFrame | null {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  try {
    return readFrame(view)
  } catch (error) {
    // Reading past the end of the bytes.
    if (error instanceof RangeError) return null
    throw error
  }
}

function readFrame(view: DataView): ZstdFrame | null {
  const descriptor = view.getUint8(4)
  const hasDictionary = (descriptor & 3) !== 0
  const hasReservedBit = (descriptor & 8) !== 0
  if (view.getUint32(0, true) !== MAGIC || hasDictionary || hasReservedBit) return null
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  const sizeStart = isSingleSegment ? 5 : 6
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 2 ** sizeFlag
  const contentBytes = readContentSize(view, sizeStart, sizeBytes)
  const blocksEnd = skipBlocks(view, sizeStart + sizeBytes)
  const hasChecksum = (descriptor & 4) !== 0
  const frameBytes = blocksEnd + (hasChecksum ? CHECKSUM_BYTES : 0)
  if (frameBytes > view.byteLength) return null
  const windowBytes = isSingleSegment ? (contentBytes ?? 0) : windowSize(view.getUint8(5))
  return { windowBytes, contentBytes, frameBytes }
}

function readContentSize(view: DataView, start: number, lengthBytes: number): number | null {
  switch (lengthBytes) {
    case 0:
      return null
    case 1:
      return view.getUint8(start)
    case 2:
      return view.getUint16(start, true) + 256
    case 4:
      return view.getUint32(start, true)
    default:
      return Number(view.getBigUint64(start, true))
  }
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function skipBlocks(view: DataView, start: number): number {
  for (let at = start; ;) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    const lengthBytes = header >> 3
    const isRunLength = ((header >> 1) & 3) === RLE_BLOCK
    at += 3 + (isRunLength ? 1 : lengthBytes)
    if ((header & 1) === 1) return at
  }
}

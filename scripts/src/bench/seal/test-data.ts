import { randomFillSync } from 'node:crypto'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { SAMPLE_VOYAGE } from '@orlop/cli/devnet/layout'

const PIECE_BYTES = 4 * 1024 * 1024
const RASTER_WIDTH = 4096
const BITMAP_HEADER_BYTES = 54
const DIGIT_0 = 48
const DIGIT_9 = 57
const POINT = 46
const STAR = 42
const NEWLINE = 10

/** Gives the next bytes of a content. */
type Piece = () => Uint8Array

/** Bytes that nothing can shorten, as of a compressed photograph, video or archive. */
export async function writeRandom(path: string, lengthBytes: number): Promise<void> {
  const piece = new Uint8Array(PIECE_BYTES)
  await write(path, lengthBytes, () => randomFillSync(piece))
}

/**
 * An NMEA 0183 log: the sample voyage over and over, each time with other decimals and right checksums, so that it compresses as a
 * long log does and not as a repeated file.
 */
export async function writeNmeaLog(path: string, lengthBytes: number): Promise<void> {
  const sample = await readFile(`${SAMPLE_VOYAGE}/plaka-excerpt.nmea`)
  const decimals = findDecimals(sample)
  const random = randomSource(1)
  await write(path, lengthBytes, () => {
    for (const { at, checksumAt } of decimals) {
      const before = sample[at] ?? 0
      const after = DIGIT_0 + (random() % 10)
      sample[at] = after
      const sum = Number.parseInt(sample.toString('latin1', checksumAt, checksumAt + 2), 16)
      const checksum = (sum ^ before ^ after).toString(16).toUpperCase().padStart(2, '0')
      sample.write(checksum, checksumAt, 'latin1')
    }
    return sample
  })
}

/** An uncompressed bitmap, soft shades with the noise of a sensor. Compressed photographs are like random bytes. */
export async function writeBitmap(path: string, lengthBytes: number): Promise<void> {
  const random = randomSource(2)
  const row = new Uint8Array(RASTER_WIDTH * 3)
  const rows = Math.floor((lengthBytes - BITMAP_HEADER_BYTES) / row.length)
  let y = -1
  await write(path, lengthBytes, () => {
    if (++y === 0) return bitmapHeader(rows, row.length)
    for (let x = 0; x < RASTER_WIDTH; x++) {
      const shade = 128 + 90 * Math.sin(x / 900) * Math.cos(y / 700)
      const noise = random()
      row[3 * x] = shade + (noise & 3)
      row[3 * x + 1] = shade * 0.8 + ((noise >>> 8) & 3)
      row[3 * x + 2] = shade * 0.6 + ((noise >>> 16) & 3)
    }
    return row
  })
}

/** BITMAPFILEHEADER and BITMAPINFOHEADER of a 24-bit bitmap. */
function bitmapHeader(rows: number, rowBytes: number): Uint8Array {
  const header = Buffer.alloc(BITMAP_HEADER_BYTES)
  header.write('BM')
  header.writeUInt32LE((BITMAP_HEADER_BYTES + rows * rowBytes) >>> 0, 2)
  header.writeUInt32LE(BITMAP_HEADER_BYTES, 10)
  header.writeUInt32LE(40, 14)
  header.writeInt32LE(RASTER_WIDTH, 18)
  header.writeInt32LE(rows, 22)
  header.writeUInt16LE(1, 26)
  header.writeUInt16LE(24, 28)
  return header
}

/** Digits after a decimal point, with the place of their sentence's checksum. */
function findDecimals(log: Buffer): { at: number; checksumAt: number }[] {
  const found: { at: number; checksumAt: number }[] = []
  for (let start = 0; start < log.length;) {
    const newline = log.indexOf(NEWLINE, start)
    const end = newline < 0 ? log.length : newline
    const star = log.lastIndexOf(STAR, end)
    let isDecimal = false
    for (let at = start; at < star; at++) {
      const code = log[at] ?? 0
      if (isDecimal && code >= DIGIT_0 && code <= DIGIT_9) found.push({ at, checksumAt: star + 1 })
      else isDecimal = code === POINT
    }
    start = end + 1
  }
  return found
}

/** Xorshift (Marsaglia 2003): the same content at every run. */
function randomSource(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

async function write(path: string, lengthBytes: number, next: Piece): Promise<void> {
  const file = await open(path, 'wx')
  try {
    let batch: Uint8Array[] = []
    let batchBytes = 0
    for (let written = 0; written < lengthBytes;) {
      // A copy, for the next piece may be in the same memory.
      const piece = Uint8Array.from(next().subarray(0, lengthBytes - written))
      written += piece.length
      batch.push(piece)
      batchBytes += piece.length
      if (batchBytes < PIECE_BYTES && written < lengthBytes) continue
      await writeBatch(file, batch)
      batch = []
      batchBytes = 0
    }
    // Otherwise the first program measured pays for this file's way to the disk.
    await file.sync()
  } finally {
    await file.close()
  }
}

async function writeBatch(file: FileHandle, batch: readonly Uint8Array[]): Promise<void> {
  await file.appendFile(Buffer.concat(batch))
}

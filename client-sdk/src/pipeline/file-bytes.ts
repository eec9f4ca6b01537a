import type { FileHandle } from 'node:fs/promises'

/** Reads exactly `lengthBytes` at `position`. @returns null when the file ends before. */
export async function readExactly(
  file: FileHandle,
  position: number,
  lengthBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (position < 0) return null
  const target = new Uint8Array(lengthBytes)
  for (let filled = 0; filled < lengthBytes;) {
    const { bytesRead } = await file.read(target, filled, lengthBytes - filled, position + filled)
    if (bytesRead === 0) return null
    filled += bytesRead
  }
  return target
}

/** Writes all of `bytes` at the file's present position. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, offset)
    offset += bytesWritten
  }
}

import { HEAD_BYTES } from '../classify/subject.ts'
import type { StoreSource } from '../upload/plan-upload.ts'

/**
 * A file that the user chose, or any other blob, as the source of `store`. Give its name beside it.
 *
 * @example
 * ```ts
 * await client.store({ source: await blobSource(file), name: file.name })
 * ```
 */
export async function blobSource(blob: Blob): Promise<StoreSource> {
  const head = new Uint8Array(await blob.slice(0, HEAD_BYTES).arrayBuffer())
  return { stream: piecesOf(blob), maxBytes: blob.size, head }
}

/** Not the stream's own iteration, which not every browser has. */
async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = blob.stream().getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}

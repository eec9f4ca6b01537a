/**
 * Reads a stream of plaintext into a blob, which the browser may keep on disk, for a download or a preview.
 *
 * @param mediaType - what the page takes it for. An object's author chooses the manifest's media type freely: never show it as a
 *   document of this page's origin.
 * @throws what the stream throws; nothing of it is given then.
 */
export async function readBlob(
  stream: AsyncIterable<Uint8Array>,
  mediaType = 'application/octet-stream',
): Promise<Blob> {
  const parts: Blob[] = []
  // A blob of its own for each piece takes the piece out of the page's memory.
  for await (const piece of stream) parts.push(new Blob([piece.slice()]))
  return new Blob(parts, { type: mediaType })
}

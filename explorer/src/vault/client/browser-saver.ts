import { readBlob } from '@orlop/client-sdk/browser'
import { saveFile } from '../../ui/save-file.ts'
import { fileName } from './file-name.ts'
import type { FileSaver, SavedFile } from './file-saver.ts'

/** Above this a file goes straight to the disk where the browser can do that, and not by way of its own storage. */
const STREAMED_BYTES = 64 * 1024 * 1024

/** The File System Access API, which not every browser has. */
interface PickerScope {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>
}

/** Saves files by the browser's own downloads; large ones straight to where the reader wants them. */
export const browserSaver: FileSaver = {
  async save(file) {
    const { showSaveFilePicker: pick } = globalThis as PickerScope
    if (file.sizeBytes > STREAMED_BYTES && pick !== undefined) {
      return saveStreamed(file, pick.bind(globalThis))
    }
    const blob = await readBlob(file.stream())
    saveFile(fileName(file.name), blob.type, blob)
    return true
  },
}

async function saveStreamed(
  file: SavedFile,
  pick: NonNullable<PickerScope['showSaveFilePicker']>,
): Promise<boolean> {
  const handle = await pick({ suggestedName: fileName(file.name) }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    throw error
  })
  if (handle === null) return false
  // What is written becomes the file when it is closed, and never before.
  const target = await handle.createWritable()
  try {
    for await (const piece of file.stream()) await target.write(piece.slice())
  } catch (error) {
    await target.abort(error)
    throw error
  }
  await target.close()
  return true
}

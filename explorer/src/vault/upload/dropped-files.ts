import type { ChosenFile } from './upload-item.ts'

/** What was dropped: files, and how many folders, which have no content of their own. */
export interface Dropped {
  readonly files: readonly ChosenFile[]
  readonly folders: number
}

/** Reads what was dropped on the page; only while the event is being handled. */
export function droppedFiles({ items, files }: DataTransfer): Dropped {
  const entries = [...items].map((item) => item.webkitGetAsEntry())
  const folders = entries.filter((entry) => entry?.isDirectory === true).length
  const isFile = (_: File, place: number) => entries[place]?.isDirectory !== true
  // Entries and files come in one order, since only files are dropped from a desktop.
  const chosen = [...files].filter(isFile).map((blob) => ({ name: blob.name, blob }))
  return { files: chosen, folders }
}

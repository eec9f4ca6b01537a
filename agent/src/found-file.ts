import { lstat } from 'node:fs/promises'
import type { FoundFile } from './spool/spool.ts'

/**
 * A file as it stands now; null when nothing is there, or anything but a regular file. Links are not followed: one could lead out
 * of the folder, to a file that nobody meant to store.
 */
export async function lookAtFile(path: string): Promise<FoundFile | null> {
  const facts = await lstat(path).catch((error: unknown) => {
    if (isAbsence(error)) return null
    throw error
  })
  if (facts?.isFile() !== true) return null
  return { path, sizeBytes: facts.size, modifiedMs: facts.mtimeMs }
}

/** Whether a file is still as it was found. */
export async function isAsFound({ path, sizeBytes, modifiedMs }: FoundFile): Promise<boolean> {
  const now = await lookAtFile(path)
  return now?.sizeBytes === sizeBytes && now.modifiedMs === modifiedMs
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOENT' || code === 'ENOTDIR'
}

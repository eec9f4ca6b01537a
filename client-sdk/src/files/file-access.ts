import { OrlopError } from '@orlop/protocol/errors'
import type { Subject } from '../classify/subject.ts'
import type { ByteSource } from '../pipeline/byte-source.ts'

/** A file as it stands. */
export interface FileState {
  readonly sizeBytes: number
  /** When it was last changed, wall milliseconds. */
  readonly modifiedMs: number
}

/** Files by their paths, which a client on a computer has and one in a web page has not. Paths may be relative. */
export interface FileAccess {
  absolutePath(path: string): string
  /** What classification looks at. @throws OrlopError `USAGE` when it cannot be opened or is not a regular file. */
  readSubject(path: string): Promise<Subject>
  /** Opens a file for sealing. @throws OrlopError `USAGE` likewise. */
  openSource(path: string): Promise<ByteSource>
  /** The state of the file, links followed; null when there is none. */
  stateOf(path: string): Promise<FileState | null>
  /** Whether a regular file, links not followed, is in this very state; null when there is none. */
  isInState(path: string, expected: FileState): Promise<boolean | null>
  /**
   * Writes a file that appears under its name only when every byte is there, and is then on disk.
   *
   * @param pieces - emptied as they are written.
   * @throws OrlopError `ALREADY_EXISTS`, `DISK_FULL`, and what `pieces` throws.
   */
  write(
    path: string,
    pieces: AsyncIterable<Uint8Array>,
    options: { readonly overwrite: boolean },
  ): Promise<void>
}

/** The files of a client. @throws OrlopError `USAGE` where it has none. */
export function requireFiles({ files }: { readonly files: FileAccess | null }): FileAccess {
  if (files !== null) return files
  throw new OrlopError(
    'USAGE',
    'A web page cannot reach files by their paths. Give the bytes, a stream, or a file that the user chose.',
  )
}

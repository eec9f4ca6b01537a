/** Bytes at the beginning of a file that classification looks at. */
export const HEAD_BYTES = 64 * 1024

/** What classification may look at: never more than the first 64 KiB of the content. */
export interface Subject {
  /** The file's name without folders, any Unicode. */
  readonly name: string
  /** The folders above it, separated by `/`; empty when unknown. */
  readonly folder: string
  /** Size of the whole content in bytes; null when it is not known yet. */
  readonly sizeBytes: number | null
  /** The beginning of the content, at most {@link HEAD_BYTES}. */
  readonly head: Uint8Array
}

/** A file on its way to the reader's disk. */
export interface SavedFile {
  readonly name: string
  readonly sizeBytes: number
  /** Read once, from the beginning. */
  readonly stream: () => AsyncIterable<Uint8Array>
}

/** Hands files to the browser to save. */
export interface FileSaver {
  /**
   * Asks where to, where the browser can, then reads and saves.
   *
   * @returns false when the reader changed their mind.
   * @throws what the stream throws; nothing is saved then.
   */
  save(file: SavedFile): Promise<boolean>
}

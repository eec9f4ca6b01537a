/** Bytes to be sealed, read once from start to end. */
export interface ByteSource {
  /** Length, where it is known before reading; null otherwise. */
  readonly sizeBytes: number | null
  /**
   * Reads the next bytes.
   *
   * @returns how many were written to `target`, from its start; fewer than its length only at the end.
   */
  read(target: Uint8Array): Promise<number>
  /**
   * Checks, after the last byte, that what was read is one consistent whole.
   *
   * @throws OrlopError `FILE_CHANGED` when it is not.
   */
  verify(): Promise<void>
  /** Gives up what reading needs. */
  close(): Promise<void>
}

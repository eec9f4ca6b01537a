/** Other software that keeps a file on several nodes. */
export interface StoragePeer {
  readonly name: string
  /** Where it comes from, for whoever misses its row. */
  readonly source: string
  isInstalled(signal: AbortSignal): Promise<boolean>
  /**
   * Starts a network of its own on loopback, stores the file once with its redundancy, and ends the network.
   *
   * @param folder - empty, for this network alone.
   * @returns seconds from the call that stores to the last copy.
   */
  store(folder: string, file: string, signal: AbortSignal): Promise<number>
}

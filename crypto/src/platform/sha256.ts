/** SHA-256 of a message that arrives in pieces. */
export interface Sha256 {
  /** Adds a piece; it is not kept. */
  update(piece: Uint8Array): void
  /** The 32-byte digest; ends the use of this instance. */
  digest(): Uint8Array<ArrayBuffer>
}

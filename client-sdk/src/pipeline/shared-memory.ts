/**
 * Memory that workers read without a copy. Where there is none, as in web pages that are not isolated from other sites, memory of
 * this thread's own, which is handed from one to the next.
 */
export function sharedMemory(lengthBytes: number): Uint8Array {
  return typeof SharedArrayBuffer === 'undefined'
    ? new Uint8Array(lengthBytes)
    : new Uint8Array(new SharedArrayBuffer(lengthBytes))
}

export function isShared(bytes: Uint8Array): boolean {
  return !(bytes.buffer instanceof ArrayBuffer)
}

/** What can be handed over to a worker of these bytes: their memory, unless it is shared. */
export function ownMemory(bytes: Uint8Array): ArrayBuffer[] {
  return bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []
}

/**
 * Memory that workers read without a copy. Where there is none, as in web pages that are not isolated from other sites, memory of
 * this thread's own, of which workers get copies.
 */
export function sharedMemory(lengthBytes: number): Uint8Array {
  return typeof SharedArrayBuffer === 'undefined'
    ? new Uint8Array(lengthBytes)
    : new Uint8Array(new SharedArrayBuffer(lengthBytes))
}

/**
 * Gives the memory of a large view back at once, and makes the view empty. The collector would let 64 MiB of used buffers gather in
 * every thread first. Shared memory is left alone, and so is whatever may lie in the pool that Node's small buffers share.
 */
export function freeMemory(view: Uint8Array): void {
  if (view.buffer instanceof ArrayBuffer && view.buffer.byteLength > Buffer.poolSize) {
    view.buffer.transfer(0)
  }
}

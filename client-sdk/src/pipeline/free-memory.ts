const MIN_BYTES = 64 * 1024

/**
 * Gives the memory of a large view back at once, and makes the view empty. The collector would let 64 MiB of used buffers gather in
 * every thread first. Shared memory, and small views that may share theirs with others, are left alone.
 */
export function freeMemory(view: Uint8Array): void {
  if (view.buffer instanceof ArrayBuffer && view.buffer.byteLength >= MIN_BYTES) {
    view.buffer.transfer(0)
  }
}

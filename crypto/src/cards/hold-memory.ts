const held = new Set<readonly (Uint8Array | null)[]>()

/**
 * Runs a native call that goes on beside JavaScript, and keeps the memory it works on from being collected
 * until it has settled. Bindings of native libraries hold plain pointers: a buffer that only they know would
 * be freed under them. A local variable is no such hold, since engines drop it after its last use.
 */
export async function holdMemory<Result>(
  buffers: readonly (Uint8Array | null)[],
  call: () => Promise<Result>,
): Promise<Result> {
  held.add(buffers)
  try {
    return await call()
  } finally {
    held.delete(buffers)
  }
}

import { assertBytes, wipe } from '@orlop/crypto/bytes'

import type { ObjectContext } from './operations.ts'
import { sharedMemory } from './shared-memory.ts'

const DATA_KEY_BYTES = 32

let nextContextId = 0

/** Makes the context of one object. Its data key goes into shared memory where there is any, so that {@link wipeContext} reaches all there is of it. */
export function createContext(headerBytes: Uint8Array, dataKey: Uint8Array): ObjectContext {
  assertBytes('dataKey', dataKey, DATA_KEY_BYTES)
  const shared = sharedMemory(DATA_KEY_BYTES)
  shared.set(dataKey)
  return { contextId: nextContextId++, headerBytes, dataKey: shared }
}

/** Overwrites the data key of a context, which must not be used afterwards. */
export function wipeContext(context: ObjectContext): void {
  wipe(context.dataKey)
}

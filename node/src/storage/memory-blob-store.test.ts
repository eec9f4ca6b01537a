import { systemClock } from '@orlop/protocol/clock'
import { blobStoreConformance } from './blob-store.conformance.ts'
import { MemoryBlobStore } from './memory-blob-store.ts'

blobStoreConformance('MemoryBlobStore', () =>
  Promise.resolve({
    store: new MemoryBlobStore(systemClock),
    reopen: null,
    damage: null,
    cramped: (freeBytes) => Promise.resolve(new MemoryBlobStore(systemClock, freeBytes)),
    teardown: () => Promise.resolve(),
  }),
)

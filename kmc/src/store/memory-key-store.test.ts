import { keyStoreConformance } from './key-store.conformance.ts'
import { MemoryKeyStore } from './memory-key-store.ts'

keyStoreConformance('memory', () => Promise.resolve({ store: new MemoryKeyStore(), reopen: null }))

import { MemoryNetwork } from './memory-network.ts'
import { createMemoryTransport } from './memory-transport.ts'
import { transportConformance } from './transport.conformance.ts'

transportConformance('memory', () => {
  const network = new MemoryNetwork()
  return { create: (options) => createMemoryTransport({ network, ...options }) }
})

import type { Encrypter } from './libp2p-host.ts'
import { createLibp2pTransport } from './libp2p-transport.ts'
import { transportConformance } from './transport.conformance.ts'

for (const encrypter of ['tls', 'noise'] satisfies Encrypter[]) {
  transportConformance(`libp2p over ${encrypter}`, () => ({
    create: ({ listen, ...options }) =>
      createLibp2pTransport({
        ...options,
        encrypters: [encrypter],
        software: 'orlop-test/0',
        listen: listen ? ['/ip4/127.0.0.1/tcp/0'] : [],
      }),
  }))
}

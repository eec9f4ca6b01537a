import { createLibp2pTransport } from '@orlop/transport/libp2p-transport'
import { createRelayTransport } from '@orlop/transport/relay/create-relay-transport'
import type { Transport } from '@orlop/transport/transport'
import { transportConformance } from '@orlop/transport/transport.conformance'
import { recordOf, startTestRelay, type TestRelay } from './test-relay.ts'

transportConformance('a browser’s, through a gateway', () => {
  let gateway: Promise<TestRelay> | null = null
  const nodes: Transport[] = []

  return {
    create: async ({ listen, ...options }) => {
      if (listen) {
        const node = await createLibp2pTransport({
          ...options,
          software: 'orlop-test/0',
          listen: ['/ip4/127.0.0.1/tcp/0'],
        })
        nodes.push(node)
        return node
      }
      gateway ??= startTestRelay({
        readNodes: () => Promise.resolve(nodes.map(recordOf)),
        limits: { maxBytesPerSecond: 2 ** 30 },
      })
      const { url } = await gateway
      return createRelayTransport({ ...options, url, software: 'orlop-test/0' })
    },
    stop: async () => {
      await (await gateway)?.stop()
    },
  }
})

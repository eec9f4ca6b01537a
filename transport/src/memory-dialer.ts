import { OrlopError } from '@orlop/protocol/errors'
import { peerIdOf } from './libp2p-identity.ts'
import type { MemoryEndpoint, MemoryNetwork } from './memory-network.ts'
import type { RawConnection, RawDialer } from './raw-connection.ts'

/** Dials the peers of a memory network and says no hello, as `createLibp2pDialer` does over sockets. */
export async function createMemoryDialer(
  network: MemoryNetwork,
  peerSeed: Uint8Array,
): Promise<RawDialer> {
  const peerId = await peerIdOf(peerSeed)
  const closing = new Map<RawConnection, () => void>()
  const endpoint: MemoryEndpoint = {
    peerId,
    listens: false,
    count: () => undefined,
    host: {
      welcome: refuse,
      serve: (_connection, _verb, stream) => {
        refuse(stream)
        return Promise.resolve()
      },
      forget: (connection) => {
        closing.get(connection)?.()
        closing.delete(connection)
      },
    },
  }
  return {
    peerId,
    start: () => {
      network.attach(endpoint)
      return Promise.resolve()
    },
    stop: () => {
      network.detach(peerId)
      return Promise.resolve()
    },
    dial: async (address, { onClose }) => {
      const connection = await Promise.resolve(network.connect(endpoint, address.peerId))
      closing.set(connection, onClose)
      return connection
    },
  }
}

function refuse(unwanted: { abort(error: Error): void }): void {
  unwanted.abort(new OrlopError('NODE_UNREACHABLE', 'Nothing is served here.'))
}

import { Socket } from 'node:net'
import {
  type CreateListenerOptions,
  type DialTransportOptions,
  type Listener,
  type MultiaddrConnection,
  type Transport,
  transportSymbol,
  type Upgrader,
} from '@libp2p/interface'
import { tcp, type TCPComponents, type TCPOptions } from '@libp2p/tcp'
import type { SocketMeter } from './socket-meter.ts'

/**
 * libp2p's TCP transport with every socket shown to `meter` before its first byte, so that security handshakes count. The sockets
 * pass by in the upgrader, which both directions go through.
 */
export function countingTcp(
  meter: SocketMeter,
  options: TCPOptions,
): (components: TCPComponents) => Transport {
  const create = tcp(options)
  return (components) => {
    const inner = create(components)
    return {
      [transportSymbol]: true,
      [Symbol.toStringTag]: '@orlop/counting-tcp',
      dial: (address, dialOptions: DialTransportOptions) =>
        inner.dial(address, { ...dialOptions, upgrader: metered(dialOptions.upgrader, meter) }),
      createListener: (listenOptions: CreateListenerOptions): Listener =>
        inner.createListener({
          ...listenOptions,
          upgrader: metered(listenOptions.upgrader, meter),
        }),
      listenFilter: (addresses) => inner.listenFilter(addresses),
      dialFilter: (addresses) => inner.dialFilter(addresses),
    }
  }
}

function metered(upgrader: Upgrader, meter: SocketMeter): Upgrader {
  return {
    upgradeOutbound: (connection, options) => {
      meter.add(socketOf(connection))
      return upgrader.upgradeOutbound(connection, options)
    },
    upgradeInbound: (connection, options) => {
      meter.add(socketOf(connection))
      return upgrader.upgradeInbound(connection, options)
    },
    createInboundAbortSignal: (signal) => upgrader.createInboundAbortSignal(signal),
    getStreamMuxers: () => upgrader.getStreamMuxers(),
    getConnectionEncrypters: () => upgrader.getConnectionEncrypters(),
  }
}

function socketOf(connection: MultiaddrConnection): Socket {
  const socket: unknown = Reflect.get(connection, 'socket')
  if (socket instanceof Socket) return socket
  throw new TypeError('TCP connection: expected a socket to count bytes at')
}

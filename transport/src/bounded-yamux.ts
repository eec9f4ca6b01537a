import type { StreamMuxerFactory } from '@libp2p/interface'
import { yamux, type YamuxMuxerInit } from '@libp2p/yamux'
import type { TransportLimits } from './transport-limits.ts'
import { YamuxGuard, type YamuxGuardOptions } from './yamux-guard.ts'

/** Yamux fixes a stream's first window at 256 KiB; from there it grows with the measured round trip. */
export const FIRST_WINDOW_BYTES = 256 * 1024

export type YamuxLimits = Pick<
  TransportLimits,
  'keepAliveMs' | 'maxStreamsPerPeer' | 'maxStreamWindowBytes'
>

/** Yamux with bounds on streams and windows, and a guard over what the other side sends. */
export function boundedYamux(
  limits: YamuxLimits,
  guardOptions: Omit<YamuxGuardOptions, 'maxDataBytes'> = {},
): () => StreamMuxerFactory {
  const create = yamux(yamuxOptions(limits))
  return () => {
    const inner = create()
    return {
      protocol: inner.protocol,
      createStreamMuxer(connection) {
        const muxer = inner.createStreamMuxer(connection)
        const { maxStreamWindowBytes: maxDataBytes } = limits
        const guard = new YamuxGuard({ ...guardOptions, maxDataBytes })
        const take = muxer.onData.bind(muxer)
        muxer.onData = (data) => {
          for (const part of data instanceof Uint8Array ? [data] : data) guard.push(part)
          take(data)
        }
        return muxer
      },
    }
  }
}

function yamuxOptions(limits: YamuxLimits): YamuxMuxerInit {
  return {
    enableKeepAlive: true,
    keepAliveInterval: limits.keepAliveMs,
    maxInboundStreams: limits.maxStreamsPerPeer * 2,
    maxOutboundStreams: limits.maxStreamsPerPeer * 2,
    streamOptions: {
      initialStreamWindowSize: FIRST_WINDOW_BYTES,
      maxStreamWindowSize: limits.maxStreamWindowBytes,
      // What was in flight when we paused must still find room.
      maxReadBufferLength: limits.maxStreamWindowBytes * 2,
    },
  }
}

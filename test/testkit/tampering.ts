import { concat } from '@orlop/crypto/bytes'
import { decodeCbor, encodeCbor, type CborValue } from '@orlop/crypto/format/cbor'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { NodeSettings } from '@orlop/node/testkit/fleet'
import type { MemoryNetwork } from '@orlop/transport/memory-network'
import { piecesOf } from '@orlop/transport/frame-codec'
import { createMemoryTransport } from '@orlop/transport/memory-transport'
import type { ChannelHandler, FrameChannel, Transport } from '@orlop/transport/transport'
import { keyOf } from '@orlop/node/testkit/test-keys'

/** What a dishonest node does to one frame it sends; the same frame back to leave it alone, null to say nothing at all. */
export type Tamper = (frame: Record<string, CborValue>, verb: Verb) => object | null

/** Settings of a real node that sends other frames than it should. Change `tamper` at any time. */
export class DishonestNode {
  tamper: Tamper = (frame) => frame
  readonly settings: NodeSettings

  constructor(name: string, network: MemoryNetwork) {
    this.settings = {
      dependencies: {
        createTransport: async (parts) => {
          const peerSeed = keyOf(`${name} peer`)
          const transport = await createMemoryTransport({
            ...parts,
            network,
            peerSeed,
            listen: true,
          })
          return this.#wrap(transport)
        },
      },
    }
  }

  #wrap(transport: Transport): Transport {
    const handle = transport.handle.bind(transport)
    transport.handle = (verb: Verb, handler: ChannelHandler) => {
      handle(verb, (channel) => handler(this.#wrapChannel(channel)))
    }
    return transport
  }

  #wrapChannel(channel: FrameChannel): FrameChannel {
    return {
      verb: channel.verb,
      peer: channel.peer,
      send: async (frame, options) => {
        const whole = concat(...piecesOf(frame))
        const value = decodeCbor(whole, { maxBytes: MAX_FRAME_BYTES }) as Record<string, CborValue>
        const sent = this.tamper(value, channel.verb)
        if (sent !== null) await channel.send(encodeCbor(sent as CborValue), options)
      },
      receive: (options) => channel.receive(options),
      close: () => channel.close(),
      abort: (error) => channel.abort(error),
    }
  }
}

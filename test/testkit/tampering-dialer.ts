import { concat } from '@orlop/crypto/bytes'
import { type CborValue, decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import type { Verb } from '@orlop/protocol/wire/frame'
import { piecesOf } from '@orlop/transport/frame-codec'
import type { RawConnection, RawDialer, RawStream } from '@orlop/transport/raw-connection'
import type { Tamper } from './tampering.ts'

/** What somebody between a client and a node does to frames. Change either at any time. */
export interface Tampering {
  toNode: Tamper
  toClient: Tamper
}

/** A dialer whose connections send and bring other frames than they should. */
export function tamperingDialer(dialer: RawDialer, tampering: Tampering): RawDialer {
  return {
    peerId: dialer.peerId,
    start: () => dialer.start(),
    stop: () => dialer.stop(),
    dial: async (address, options) => wrapped(await dialer.dial(address, options), tampering),
  }
}

function wrapped(connection: RawConnection, tampering: Tampering): RawConnection {
  return {
    remotePeerId: connection.remotePeerId,
    get isOpen() {
      return connection.isOpen
    },
    openStream: async (verb, options) =>
      wrappedStream(await connection.openStream(verb, options), verb, tampering),
    close: () => connection.close(),
    abort: (error) => {
      connection.abort(error)
    },
  }
}

function wrappedStream(stream: RawStream, verb: Verb, tampering: Tampering): RawStream {
  return {
    send: async (frame, options) => {
      const sent = tampered(concat(...piecesOf(frame)), verb, tampering.toNode)
      if (sent !== null) await stream.send(sent, options)
    },
    receive: async (options) => {
      for (;;) {
        const frame = await stream.receive(options)
        if (frame === null) return null
        const brought = tampered(frame, verb, tampering.toClient)
        if (brought !== null) return brought
      }
    },
    close: () => stream.close(),
    abort: (error) => {
      stream.abort(error)
    },
  }
}

function tampered(frame: Uint8Array, verb: Verb, tamper: Tamper): Uint8Array | null {
  const value = decodeCbor(frame, { maxBytes: MAX_FRAME_BYTES }) as Record<string, CborValue>
  const changed = tamper(value, verb)
  return changed === null ? null : encodeCbor(changed as CborValue)
}

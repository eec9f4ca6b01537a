import type { Connection } from '@libp2p/interface'
import { PROTOCOLS, type Verb } from '@orlop/protocol/wire/frame'
import { asConnectionFailure } from './failures.ts'
import { Libp2pStream } from './libp2p-stream.ts'
import type { RawConnection, RawStream } from './raw-connection.ts'
import type { TransportLimits } from './transport-limits.ts'
import type { CallOptions } from './transport.ts'

/** One libp2p connection: keys agreed, peer id proven. */
export class Libp2pConnection implements RawConnection {
  readonly remotePeerId: string
  readonly #connection: Connection
  readonly #limits: TransportLimits

  constructor(connection: Connection, limits: TransportLimits) {
    this.#connection = connection
    this.#limits = limits
    this.remotePeerId = connection.remotePeer.toString()
  }

  get isOpen(): boolean {
    return this.#connection.status === 'open'
  }

  async openStream(verb: Verb, options: CallOptions = {}): Promise<RawStream> {
    const deadline = AbortSignal.timeout(this.#limits.openTimeoutMs)
    const signal =
      options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal])
    try {
      const stream = await this.#connection.newStream(PROTOCOLS[verb], { signal })
      const { remotePeerId: peerId } = this
      return new Libp2pStream({ stream, peerId, limits: this.#limits, inbound: false })
    } catch (cause) {
      const failure = asConnectionFailure(cause, {
        peerId: this.remotePeerId,
        what: `did not open a ${verb} stream`,
        signal: options.signal,
      })
      // An unanswered stream on a connection thought open: the connection is dead, and a new dial must not find it.
      if (deadline.aborted) this.abort(failure)
      throw failure
    }
  }

  async close(): Promise<void> {
    if (!this.isOpen) return
    // libp2p would end open streams as if they were complete.
    for (const stream of this.#connection.streams) stream.abort(new Error('connection closed'))
    try {
      await this.#connection.close()
    } catch (cause) {
      this.abort(
        asConnectionFailure(cause, { peerId: this.remotePeerId, what: 'could not be closed' }),
      )
    }
  }

  abort(error: Error): void {
    this.#connection.abort(error)
  }
}

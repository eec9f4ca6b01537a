import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { encodeErrorFrame, type Verb } from '@orlop/protocol/wire/frame'
import { HelloExchange } from './hello-exchange.ts'
import type { Admission, HelloClaims, HelloSelf } from './hello.ts'
import { HostedChannel } from './hosted-channel.ts'
import { type Hosted, HostedConnections, tooMany } from './hosted-connections.ts'
import type { RawConnection, RawStream } from './raw-connection.ts'
import { unrefTimer } from './timers.ts'
import type { TransportLimits } from './transport-limits.ts'
import type { CallOptions, ChannelHandler, Peer, PeerIdentity } from './transport.ts'

export interface PeerHostOptions {
  localPeerId: string
  self: () => HelloSelf
  admit: Admission
  software: string
  limits: TransportLimits
  clock: Clock
  logger: Logger
}

/** What each peer id of an account may have of the account's streams, however many the others use. */
const SHARE_OF_EACH_PEER = 1 / 4

/** What every transport does alike: hello first, admission, one handler a verb, limits for each peer, errors as frames. */
export class PeerHost {
  readonly #options: PeerHostOptions
  readonly #handlers = new Map<Verb, ChannelHandler>()
  readonly #connections = new HostedConnections()
  readonly #hello: HelloExchange

  constructor(options: PeerHostOptions) {
    this.#options = options
    const { helloTimeoutMs } = options.limits
    this.#hello = new HelloExchange({ ...options, helloTimeoutMs })
  }

  get verbs(): Verb[] {
    return [...this.#handlers.keys()]
  }

  handle(verb: Verb, handler: ChannelHandler): void {
    if (this.#handlers.has(verb)) throw new TypeError(`verb ${verb}: expected one handler, got two`)
    this.#handlers.set(verb, handler)
  }

  /** Open connections to `peerId` that are past hello. */
  peerOf(peerId: string): Peer | null {
    return this.#connections.peerOf(peerId)
  }

  /** Takes in a connection that the other side opened; it has `helloTimeoutMs` to say hello. */
  welcome(connection: RawConnection): void {
    const { maxConnectionsPerPeer, maxNewcomers } = this.#options.limits
    const ofPeer = ({ connection: { remotePeerId } }: Hosted) =>
      remotePeerId === connection.remotePeerId
    if (!this.#connections.makeRoom(ofPeer, maxConnectionsPerPeer)) {
      connection.abort(tooMany(`${maxConnectionsPerPeer} connections of one peer`))
      return
    }
    // Nobody knows yet who they are: strangers under ever new peer ids must not keep out who would say hello.
    this.#connections.makeRoom(
      ({ claims, deadline }) => claims === null && deadline !== null,
      maxNewcomers,
    )
    const hosted = this.#connections.add(connection)
    hosted.deadline = setTimeout(() => {
      const { helloTimeoutMs } = this.#options.limits
      connection.abort(new OrlopError('TIMEOUT', `No hello within ${helloTimeoutMs} ms.`))
      this.forget(connection)
    }, this.#options.limits.helloTimeoutMs)
    unrefTimer(hosted.deadline)
  }

  /** Says hello on a connection that this side opened. Closes it when that fails. */
  async introduce(connection: RawConnection, options: CallOptions): Promise<Peer> {
    const hosted = this.#connections.add(connection)
    hosted.helloBegun = true
    try {
      const { claims, roundTripMs } = await this.#hello.introduce(connection, options)
      return this.#settle(hosted, claims, roundTripMs)
    } catch (error) {
      await this.#drop(hosted)
      throw error
    }
  }

  forget(connection: RawConnection): void {
    this.#connections.forget(connection)
  }

  /** Serves a stream that the other side opened, to its end. Never throws. */
  async serve(connection: RawConnection, verb: Verb, stream: RawStream): Promise<void> {
    const hosted = this.#connections.get(connection)
    if (hosted === null) {
      stream.abort(new OrlopError('NODE_UNREACHABLE', 'The connection is closed.'))
      return
    }
    try {
      if (verb === 'hello') await this.#answerHello(hosted, stream)
      else await this.#serveVerb(hosted, verb, stream)
      await stream.close()
    } catch (error) {
      await this.#report(hosted, verb, { stream, error })
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#connections.all().map((hosted) => this.#drop(hosted)))
  }

  async #answerHello(hosted: Hosted, stream: RawStream): Promise<void> {
    if (hosted.helloBegun) {
      throw new OrlopError(
        'MALFORMED_MESSAGE',
        'A second hello came on one connection. Connect again to change who you are.',
      )
    }
    hosted.helloBegun = true
    await this.#hello.answer(hosted.connection, stream, (claims) => {
      const { maxGuests } = this.#options.limits
      const isGuest = (other: Hosted) => other.claims?.role === 'guest'
      if (claims.role === 'guest' && !this.#connections.makeRoom(isGuest, maxGuests)) {
        throw tooMany(`${maxGuests} guests`)
      }
      this.#settle(hosted, claims, 0)
    })
  }

  #settle(hosted: Hosted, claims: HelloClaims, roundTripMs: number): Peer {
    const { connection } = hosted
    if (hosted.deadline !== null) clearTimeout(hosted.deadline)
    hosted.deadline = null
    const { role, id, account, peerId, clockSkewMs } = claims
    const identity: PeerIdentity = { role, id, account, peerId }
    const peer: Peer = {
      identity,
      roundTripMs,
      clockSkewMs,
      get isOpen() {
        return connection.isOpen
      },
      open: async (verb, options) =>
        new HostedChannel({
          verb,
          peer: identity,
          stream: await connection.openStream(verb, options),
        }),
      close: () => this.#drop(hosted),
    }
    hosted.peer = peer
    hosted.claims = claims
    return peer
  }

  async #serveVerb(hosted: Hosted, verb: Verb, stream: RawStream): Promise<void> {
    const claims = this.#admitStream(hosted, verb)
    const handler = this.#handlers.get(verb)
    if (handler === undefined) {
      throw new OrlopError('VERSION_UNSUPPORTED', `The verb ${verb} is not served here.`)
    }
    hosted.streams += 1
    try {
      const identity = await this.#readmit(hosted, claims, verb)
      await handler(new HostedChannel({ verb, peer: identity, stream }))
    } finally {
      hosted.streams -= 1
    }
  }

  /**
   * Asks again whether the peer is admitted: connections live for days, and a stolen key or a suspended client must not go on until
   * they close. Whoever is not admitted any more may still do what a guest may, as the ledger's news may be its own rotation.
   */
  async #readmit(hosted: Hosted, claims: HelloClaims, verb: Verb): Promise<PeerIdentity> {
    const { role, id, account, peerId } = claims
    const signal = AbortSignal.timeout(this.#options.limits.helloTimeoutMs)
    try {
      await this.#options.admit(claims, { signal })
    } catch (error) {
      if (!isOrlopError(error, 'NOT_ADMITTED')) throw error
      if (verb === 'relay') return { role: 'guest', id: 0, account, peerId }
      this.#endSoon(hosted, error)
      throw error
    }
    return { role, id, account, peerId }
  }

  /** Leaves the peer the time to read why. */
  #endSoon(hosted: Hosted, reason: OrlopError): void {
    hosted.deadline ??= setTimeout(() => {
      hosted.connection.abort(reason)
      this.forget(hosted.connection)
    }, this.#options.limits.closeTimeoutMs)
    unrefTimer(hosted.deadline)
  }

  #admitStream({ claims }: Hosted, verb: Verb): HelloClaims {
    if (claims === null) {
      throw new OrlopError(
        'NOT_ADMITTED',
        'Nothing is served before hello. Say hello on a stream of its own first.',
      )
    }
    if (claims.role === 'guest' && verb !== 'relay') {
      throw new OrlopError(
        'NOT_ADMITTED',
        `A guest may only have its registration relayed, not ${verb}. Register first, then connect again.`,
      )
    }
    const { maxStreamsPerPeer } = this.#options.limits
    const open = this.#connections.streamsOf(claims)
    if (open.account < maxStreamsPerPeer) return claims
    // Whom a client lends a connection to, such as a gateway, must not be able to keep the client itself out.
    if (open.peer < Math.floor(maxStreamsPerPeer * SHARE_OF_EACH_PEER)) return claims
    throw new OrlopError(
      'PEER_LIMIT',
      `A peer may have ${maxStreamsPerPeer} streams open here at a time. Wait for one to end.`,
    )
  }

  async #report(
    hosted: Hosted,
    verb: Verb,
    { stream, error }: { stream: RawStream; error: unknown },
  ): Promise<void> {
    const fields = { verb, peerId: hosted.connection.remotePeerId, err: error }
    if (isOrlopError(error)) this.#options.logger.debug(fields, 'refused a stream')
    else this.#options.logger.error(fields, 'a handler failed')
    try {
      await stream.send(encodeErrorFrame(error), {
        signal: AbortSignal.timeout(this.#options.limits.closeTimeoutMs),
      })
      await stream.close()
    } catch {
      stream.abort(new OrlopError('NODE_UNREACHABLE', 'The stream failed.', { cause: error }))
    }
    // A peer refused at hello hangs up when it has read why; else its deadline does.
    if (isOrlopError(error, 'MESSAGE_TOO_LARGE')) await this.#drop(hosted)
  }

  async #drop(hosted: Hosted): Promise<void> {
    this.forget(hosted.connection)
    await hosted.connection.close()
  }
}

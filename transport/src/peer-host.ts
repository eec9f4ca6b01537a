import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { encodeErrorFrame, type Verb } from '@orlop/protocol/wire/frame'
import {
  type Admission,
  checkHello,
  createHello,
  type HelloClaims,
  type HelloParties,
  type HelloSelf,
} from './hello.ts'
import { HostedChannel } from './hosted-channel.ts'
import type { RawConnection, RawStream } from './raw-connection.ts'
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

interface Hosted {
  readonly connection: RawConnection
  /** Set once hello is done. */
  peer: Peer | null
  /** What hello proved. */
  claims: HelloClaims | null
  helloBegun: boolean
  streams: number
  deadline: NodeJS.Timeout | null
}

/** What every transport does alike: hello first, admission, one handler a verb, limits for each peer, errors as frames. */
export class PeerHost {
  readonly #options: PeerHostOptions
  readonly #handlers = new Map<Verb, ChannelHandler>()
  readonly #hosted = new Map<RawConnection, Hosted>()

  constructor(options: PeerHostOptions) {
    this.#options = options
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
    for (const { connection, peer } of this.#hosted.values()) {
      if (peer !== null && connection.remotePeerId === peerId && connection.isOpen) return peer
    }
    return null
  }

  /** Takes in a connection that the other side opened; it has `helloTimeoutMs` to say hello. */
  welcome(connection: RawConnection): void {
    const { maxConnectionsPerPeer, maxNewcomers } = this.#options.limits
    const ofPeer = ({ connection: { remotePeerId } }: Hosted) =>
      remotePeerId === connection.remotePeerId
    if (!this.#makeRoom(ofPeer, maxConnectionsPerPeer)) {
      connection.abort(tooMany(`${maxConnectionsPerPeer} connections of one peer`))
      return
    }
    // Nobody knows yet who they are: strangers under ever new peer ids must not keep out who would say hello.
    this.#makeRoom(({ claims, deadline }) => claims === null && deadline !== null, maxNewcomers)
    const hosted = this.#host(connection)
    hosted.deadline = setTimeout(() => {
      const { helloTimeoutMs } = this.#options.limits
      connection.abort(new OrlopError('TIMEOUT', `No hello within ${helloTimeoutMs} ms.`))
      this.forget(connection)
    }, this.#options.limits.helloTimeoutMs)
    hosted.deadline.unref()
  }

  /** Says hello on a connection that this side opened. Closes it when that fails. */
  async introduce(connection: RawConnection, options: CallOptions): Promise<Peer> {
    const hosted = this.#host(connection)
    hosted.helloBegun = true
    try {
      return await this.#introduce(hosted, options)
    } catch (error) {
      await this.#drop(hosted)
      throw error
    }
  }

  forget(connection: RawConnection): void {
    const hosted = this.#hosted.get(connection)
    if (hosted === undefined) return
    if (hosted.deadline !== null) clearTimeout(hosted.deadline)
    this.#hosted.delete(connection)
  }

  /** Serves a stream that the other side opened, to its end. Never throws. */
  async serve(connection: RawConnection, verb: Verb, stream: RawStream): Promise<void> {
    const hosted = this.#hosted.get(connection)
    if (hosted === undefined) {
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
    await Promise.all([...this.#hosted.values()].map((hosted) => this.#drop(hosted)))
  }

  /** Whether one more connection of a kind may come; the oldest idle one makes way for it. */
  #makeRoom(isOfKind: (hosted: Hosted) => boolean, most: number): boolean {
    const ofKind = [...this.#hosted.values()].filter(isOfKind)
    if (ofKind.length < most) return true
    const idle = ofKind.find(({ streams }) => streams === 0)
    if (idle === undefined) return false
    this.forget(idle.connection)
    idle.connection.abort(tooMany(`${most} connections of this kind`))
    return true
  }

  #host(connection: RawConnection): Hosted {
    const hosted: Hosted = {
      connection,
      peer: null,
      claims: null,
      helloBegun: false,
      streams: 0,
      deadline: null,
    }
    this.#hosted.set(connection, hosted)
    return hosted
  }

  async #introduce(hosted: Hosted, options: CallOptions): Promise<Peer> {
    const { limits, clock } = this.#options
    const { connection } = hosted
    const signal = deadlineOf(limits.helloTimeoutMs, options.signal)
    const self = this.#options.self()
    const stream = await connection.openStream('hello', { signal })
    try {
      const sentMs = clock.monotonicMs()
      await stream.send(this.#helloOf(self, connection), { signal })
      const frame = await receiveHello(stream, signal, options.signal)
      const roundTripMs = clock.monotonicMs() - sentMs
      const claims = await this.#check(hosted, { self, frame, direction: 'outbound' }, signal)
      await stream.close()
      return this.#settle(hosted, claims, roundTripMs)
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('hello failed'))
      throw error
    }
  }

  async #answerHello(hosted: Hosted, stream: RawStream): Promise<void> {
    if (hosted.helloBegun) {
      throw new OrlopError(
        'MALFORMED_MESSAGE',
        'A second hello came on one connection. Connect again to change who you are.',
      )
    }
    hosted.helloBegun = true
    const signal = deadlineOf(this.#options.limits.helloTimeoutMs)
    const self = this.#options.self()
    const frame = await receiveHello(stream, signal)
    const claims = await this.#check(hosted, { self, frame, direction: 'inbound' }, signal)
    const { maxGuests } = this.#options.limits
    const isGuest = (other: Hosted) => other.claims?.role === 'guest'
    if (claims.role === 'guest' && !this.#makeRoom(isGuest, maxGuests)) {
      throw tooMany(`${maxGuests} guests`)
    }
    this.#settle(hosted, claims, 0)
    await stream.send(this.#helloOf(self, hosted.connection), { signal })
  }

  async #check(
    { connection }: Hosted,
    got: { self: HelloSelf; frame: Uint8Array; direction: HelloClaims['direction'] },
    signal: AbortSignal,
  ): Promise<HelloClaims> {
    const claims = checkHello({
      frame: got.frame,
      parties: this.#partiesOf(connection),
      deployment: got.self.deployment,
      direction: got.direction,
    })
    await this.#options.admit(claims, { signal })
    return claims
  }

  #helloOf(self: HelloSelf, connection: RawConnection): Uint8Array {
    return createHello(self, this.#partiesOf(connection), this.#options.software)
  }

  #partiesOf({ remotePeerId }: RawConnection): HelloParties {
    const { localPeerId, clock } = this.#options
    return { localPeerId, remotePeerId, nowMs: clock.nowMs() }
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
    }, this.#options.limits.closeTimeoutMs).unref()
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
    if (this.#streamsOf(claims.peerId) < maxStreamsPerPeer) return claims
    throw new OrlopError(
      'PEER_LIMIT',
      `A peer may have ${maxStreamsPerPeer} streams open here at a time. Wait for one to end.`,
    )
  }

  /** Over all its connections: a peer does not get more attention by connecting more often. */
  #streamsOf(peerId: string): number {
    let streams = 0
    for (const { connection, streams: ofConnection } of this.#hosted.values()) {
      if (connection.remotePeerId === peerId) streams += ofConnection
    }
    return streams
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

function tooMany(what: string): OrlopError {
  return new OrlopError('PEER_LIMIT', `There is room for ${what} here. Close some, or try later.`)
}

function deadlineOf(timeoutMs: number, signal?: AbortSignal): AbortSignal {
  const deadline = AbortSignal.timeout(timeoutMs)
  return signal === undefined ? deadline : AbortSignal.any([deadline, signal])
}

async function receiveHello(
  stream: RawStream,
  signal: AbortSignal,
  callerSignal?: AbortSignal,
): Promise<Uint8Array> {
  let frame: Uint8Array | null
  try {
    frame = await stream.receive({ signal })
  } catch (cause) {
    if (!isOrlopError(cause, 'ABORTED') || callerSignal?.aborted === true) throw cause
    throw new OrlopError('TIMEOUT', 'The other side said no hello in time. Try again later.', {
      cause,
    })
  }
  if (frame !== null) return frame
  throw new OrlopError(
    'MALFORMED_MESSAGE',
    'The other side ended the hello without saying one. Check that both sides run the same version.',
  )
}

import { abandonable } from '@orlop/protocol/abandonable'
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
/** Parts of a hello's life after which this side says it anew, and before which it does not answer another on the same connection. */
const RENEWED_AFTER = 1 / 2
const NOT_AGAIN_BEFORE = 1 / 30

/** What every transport does alike: hello first, admission, one handler a verb, limits for each peer, errors as frames. */
export class PeerHost {
  readonly #options: PeerHostOptions
  readonly #handlers = new Map<Verb, ChannelHandler>()
  readonly #connections = new HostedConnections()
  readonly #hello: HelloExchange

  constructor(options: PeerHostOptions) {
    this.#options = options
    const { helloTimeoutMs, helloToleranceMs } = options.limits
    this.#hello = new HelloExchange({ ...options, helloTimeoutMs, helloToleranceMs })
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
      this.#noteSaid(hosted)
      const asking = { ...options, direction: 'outbound' as const }
      const { claims, roundTripMs } = await this.#hello.introduce(connection, asking)
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
    if (hosted.claims !== null) {
      await this.#answerAgain(hosted, hosted.claims, stream)
      return
    }
    if (hosted.helloBegun) throw secondHello()
    hosted.helloBegun = true
    hosted.answeredMs = this.#options.clock.monotonicMs()
    await this.#hello.answer(hosted.connection, stream, {
      direction: 'inbound',
      onAdmitted: (claims) => {
        const { maxGuests } = this.#options.limits
        const isGuest = (other: Hosted) => other.claims?.role === 'guest'
        if (claims.role === 'guest' && !this.#connections.makeRoom(isGuest, maxGuests)) {
          throw tooMany(`${maxGuests} guests`)
        }
        this.#noteSaid(hosted)
        this.#settle(hosted, claims, 0)
      },
    })
  }

  /** The other side goes on after its hello grew old. Each costs signatures, so that they may not come all the time. */
  async #answerAgain(hosted: Hosted, before: HelloClaims, stream: RawStream): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs()
    const { helloLifetimeMs } = this.#options.limits
    if (nowMs - hosted.answeredMs < helloLifetimeMs * NOT_AGAIN_BEFORE) {
      throw new OrlopError(
        'PEER_LIMIT',
        `A hello on this connection was answered a moment ago and is good for ${helloLifetimeMs / 1000} s. Say the next one later.`,
      )
    }
    hosted.answeredMs = nowMs
    await this.#hello.answer(hosted.connection, stream, {
      direction: before.direction,
      onAdmitted: (claims) => {
        this.#renewed(hosted, before, claims)
      },
    })
  }

  /** Says hello anew where this side's is getting old: the other side serves no new stream after it has run out. */
  async #renewIfOld(hosted: Hosted, { signal }: CallOptions = {}): Promise<void> {
    const { clock, limits } = this.#options
    const { monotonicMs, wallMs } = hosted.said
    // A machine that slept has a monotonic clock that did not go on.
    const ageMs = Math.max(clock.monotonicMs() - monotonicMs, clock.nowMs() - wallMs)
    if (ageMs < limits.helloLifetimeMs * RENEWED_AFTER) return
    // Less what the other side's clock may be apart.
    const isGood = ageMs < limits.helloLifetimeMs - limits.helloToleranceMs
    if (isGood && clock.monotonicMs() < hosted.renewNotBeforeMs) return
    hosted.renewing ??= this.#renew(hosted).finally(() => {
      hosted.renewing = null
    })
    try {
      await abandonable(hosted.renewing, { signal, what: 'Opening a stream' })
    } catch (error) {
      if (!isGood || signal?.aborted === true) throw error
      // Whoever is not admitted any more is told so again by the stream itself.
      if (!isOrlopError(error) || !error.isRetryable) throw error
      hosted.renewNotBeforeMs = clock.monotonicMs() + limits.helloLifetimeMs * NOT_AGAIN_BEFORE
      this.#options.logger.debug({ code: error.code }, 'a hello was not renewed, the last is good')
    }
  }

  async #renew(hosted: Hosted): Promise<void> {
    const { claims: before, connection } = hosted
    if (before === null) throw new TypeError('renew: expected a connection past hello')
    const { direction } = before
    const { claims } = await this.#hello.introduce(connection, { direction })
    this.#renewed(hosted, before, claims)
  }

  /** @throws OrlopError `MALFORMED_MESSAGE` when the other side is not who it was. */
  #renewed(hosted: Hosted, before: HelloClaims, claims: HelloClaims): void {
    if (before.role !== claims.role || before.id !== claims.id) throw secondHello()
    hosted.claims = claims
    this.#noteHeard(hosted, claims)
    this.#noteSaid(hosted)
  }

  #noteSaid(hosted: Hosted): void {
    const { clock } = this.#options
    hosted.said = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() }
  }

  /** A hello counts from its own time on, as far as that is past. */
  #noteHeard(hosted: Hosted, { direction, clockSkewMs }: HelloClaims): void {
    if (hosted.deadline !== null) clearTimeout(hosted.deadline)
    hosted.deadline = null
    const ageMs = direction === 'inbound' ? Math.max(0, -clockSkewMs) : 0
    hosted.heardMs = this.#options.clock.monotonicMs() - ageMs
  }

  #settle(hosted: Hosted, claims: HelloClaims, roundTripMs: number): Peer {
    const { connection } = hosted
    this.#noteHeard(hosted, claims)
    const { role, id, account, peerId, clockSkewMs } = claims
    const identity: PeerIdentity = { role, id, account, peerId }
    const peer: Peer = {
      identity,
      roundTripMs,
      clockSkewMs,
      get isOpen() {
        return connection.isOpen
      },
      open: async (verb, options) => {
        await this.#renewIfOld(hosted, options)
        const stream = await connection.openStream(verb, options)
        return new HostedChannel({ verb, peer: identity, stream })
      },
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

  #admitStream(hosted: Hosted, verb: Verb): HelloClaims {
    const { claims } = hosted
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
    this.#requireFreshHello(hosted)
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

  /** Whoever uses a connection in somebody's name must be able to have that name signed for again. What is under way goes on. */
  #requireFreshHello(hosted: Hosted): void {
    const { clock, limits } = this.#options
    if (clock.monotonicMs() - hosted.heardMs <= limits.helloLifetimeMs) return
    const error = new OrlopError(
      'TIMEOUT',
      `The hello of this connection is older than ${limits.helloLifetimeMs / 1000} s. Say a new one on it, or connect again.`,
    )
    if (hosted.streams === 0) this.#endSoon(hosted, error)
    throw error
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

function secondHello(): OrlopError {
  return new OrlopError(
    'MALFORMED_MESSAGE',
    'A second hello came on one connection, or one of another party. Connect again to change who you are.',
  )
}

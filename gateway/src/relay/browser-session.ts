import { setTimeout as sleep } from 'node:timers/promises'
import type { Stream, StreamMuxer } from '@libp2p/interface'
import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { decodeFrame, encodeErrorFrame, encodeFrame, type Verb } from '@orlop/protocol/wire/frame'
import { Libp2pStream } from '@orlop/transport/libp2p-stream'
import type { RawConnection, RawDialer, RawStream } from '@orlop/transport/raw-connection'
import type { MessagePortStream } from '@orlop/transport/relay/message-port-stream'
import { relayRequestFrame, type RelayRequest } from '@orlop/transport/relay/relay-frames'
import type { TransportLimits } from '@orlop/transport/transport-limits'
import { ByteRate } from './byte-rate.ts'
import { passFrames } from './pass-frames.ts'
import type { RelayLimits } from './relay-limits.ts'
import type { RelayObserver, SessionEnd } from './relay-observer.ts'
import type { StreamBudget } from './stream-budget.ts'

export interface BrowserSessionOptions {
  wire: MessagePortStream
  muxer: StreamMuxer
  /** Where a node of the registry is reached; null for a peer that is none. */
  addressesOf: (peerId: string) => Promise<string[] | null>
  createDialer: () => Promise<RawDialer>
  budget: StreamBudget
  limits: RelayLimits
  transportLimits: TransportLimits
  observer: RelayObserver
  clock: Clock
  logger: Logger
}

/**
 * The gateway's end of one browser's WebSocket. It has a peer id of its own and lends it to the browser, which says hello under it; after
 * that it passes frames on without looking at them.
 */
export class BrowserSession {
  readonly #options: BrowserSessionOptions
  readonly #links = new Map<number, RawConnection>()
  readonly #outRate: ByteRate
  readonly #ended = Promise.withResolvers<SessionEnd>()
  readonly #idleWatch: NodeJS.Timeout
  #dialer: Promise<RawDialer> | null = null
  #streams = 0
  /** Connections to nodes that are open or being opened. */
  #dials = 0
  #lastLink = 0
  #activeMs: number
  #end: SessionEnd | null = null

  constructor(options: BrowserSessionOptions) {
    const { wire, muxer, limits, clock } = options
    this.#options = options
    this.#outRate = new ByteRate(limits.maxBytesPerSecond, clock)
    this.#activeMs = clock.monotonicMs()
    this.#idleWatch = setInterval(() => {
      if (clock.monotonicMs() - this.#activeMs >= limits.idleMs) void this.stop('idle')
    }, limits.idleMs / 4).unref()
    muxer.addEventListener('stream', ({ detail }) => {
      void this.#serve(detail)
    })
    wire.addEventListener('close', ({ error }) => {
      void this.stop(error === undefined ? 'closed' : 'failed')
    })
  }

  /** Resolves when everything of this session has ended. */
  get ended(): Promise<SessionEnd> {
    return this.#ended.promise
  }

  async stop(end: SessionEnd): Promise<void> {
    if (this.#end !== null) {
      await this.ended
      return
    }
    this.#end = end
    clearInterval(this.#idleWatch)
    // Before libp2p closes them in good order: the node must see that what it has is not all.
    for (const link of this.#links.values()) link.abort(new Error('the browser has gone'))
    this.#links.clear()
    await this.#options.wire.close()
    try {
      await (await this.#dialer)?.stop()
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'a relay session did not stop in good order')
    }
    this.#ended.resolve(end)
  }

  /** Serves a stream of the browser, to its end. Never throws. */
  async #serve(stream: Stream): Promise<void> {
    const { transportLimits: limits, budget, observer } = this.#options
    const frames = new Libp2pStream({ stream, peerId: 'the browser', limits, inbound: true })
    this.#streams += 1
    const leave = budget.enter()
    try {
      if (leave === null) throw noRoom('The relay is busy')
      if (this.#streams > this.#options.limits.maxStreamsPerSession) {
        throw noRoom('This session has too many streams open')
      }
      await this.#answer(frames)
    } catch (error) {
      observer.streamRefused(isOrlopError(error) ? error.code : 'INTERNAL')
      await this.#refuse(frames, error)
    } finally {
      leave?.()
      this.#streams -= 1
    }
  }

  async #answer(frames: RawStream): Promise<void> {
    const signal = AbortSignal.timeout(this.#options.transportLimits.helloTimeoutMs)
    const frame = await frames.receive({ signal })
    if (frame === null) throw new OrlopError('MALFORMED_MESSAGE', 'A stream asked for nothing.')
    const request: RelayRequest = decodeFrame(relayRequestFrame, frame)
    this.#activeMs = this.#options.clock.monotonicMs()
    if ('dial' in request) {
      await this.#dial(request.dial.peerId, frames)
    } else if ('open' in request) {
      await this.#open(request.open, frames)
    } else {
      const { peerId } = await this.#ownDialer()
      await frames.send(encodeFrame({ session: { peerId } }))
      await frames.close()
    }
  }

  async #dial(peerId: string, frames: RawStream): Promise<void> {
    if (this.#dials >= this.#options.limits.maxLinksPerSession) {
      throw noRoom('This session is connected to too many nodes')
    }
    this.#dials += 1
    try {
      await this.#hold(peerId, frames)
    } finally {
      this.#dials -= 1
    }
  }

  /** The connection to the node lasts until this stream ends, and this stream until the connection does. */
  async #hold(peerId: string, frames: RawStream): Promise<void> {
    const addresses = await this.#options.addressesOf(peerId)
    if (addresses === null) {
      throw new OrlopError(
        'NOT_ADMITTED',
        `${peerId} is not a node of the registry. Read the list of nodes again.`,
      )
    }
    const closed = Promise.withResolvers<undefined>()
    const dialer = await this.#ownDialer()
    const connection = await dialer.dial(
      { peerId, addresses },
      {
        onClose: () => {
          closed.resolve(undefined)
        },
      },
    )
    const link = (this.#lastLink += 1)
    this.#links.set(link, connection)
    try {
      if (this.#end !== null) return
      await frames.send(encodeFrame({ dialled: { link } }))
      await Promise.race([closed.promise, untilEnded(frames)])
      await frames.close()
    } finally {
      this.#links.delete(link)
      connection.abort(new Error('the browser hung up'))
    }
  }

  async #open({ link, verb }: { link: number; verb: Verb }, browser: RawStream): Promise<void> {
    const connection = this.#links.get(link)
    if (connection === undefined) {
      throw new OrlopError('NODE_UNREACHABLE', 'That connection to a node has ended. Dial again.')
    }
    const node = await connection.openStream(verb)
    const { observer, clock } = this.#options
    observer.streamOpened(verb)
    try {
      await browser.send(encodeFrame({ opened: {} }))
      await passFrames({
        browser,
        node,
        onFrame: (direction, bytes) => {
          this.#activeMs = clock.monotonicMs()
          observer.passedOn(direction, bytes)
          return direction === 'toBrowser' ? this.#spend(bytes) : undefined
        },
      })
    } catch (error) {
      node.abort(error instanceof Error ? error : new Error('the browser failed'))
      throw error
    } finally {
      observer.streamEnded()
    }
  }

  /** What browsers send is held back at their socket; what they get, here. */
  async #spend(bytes: number): Promise<void> {
    const waitMs = this.#outRate.take(bytes)
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false })
  }

  async #ownDialer(): Promise<RawDialer> {
    if (this.#end !== null) throw new OrlopError('ABORTED', 'The session has ended.')
    this.#dialer ??= this.#options.createDialer()
    return this.#dialer
  }

  async #refuse(frames: RawStream, error: unknown): Promise<void> {
    const { logger, transportLimits } = this.#options
    if (isOrlopError(error)) logger.debug({ code: error.code }, 'the relay refused a stream')
    else logger.error({ err: error }, 'the relay failed')
    try {
      const signal = AbortSignal.timeout(transportLimits.closeTimeoutMs)
      await frames.send(encodeErrorFrame(error), { signal })
      await frames.close()
    } catch {
      frames.abort(new OrlopError('NODE_UNREACHABLE', 'The stream failed.'))
    }
  }
}

async function untilEnded(frames: RawStream): Promise<void> {
  try {
    await frames.receive()
  } catch {
    // However the browser's stream ended, the connection that it stands for ends with it.
  }
}

function noRoom(what: string): OrlopError {
  return new OrlopError('PEER_LIMIT', `${what}. Close some, or try later.`)
}

import type { Request, Response } from 'express'
import type { ExplorerReader } from '@orlop/protocol/api/explorer-reader'
import type { ApiEvent } from '@orlop/protocol/api/service'
import { OrlopError } from '@orlop/protocol/errors'
import type { HttpMeter } from './http-meter.ts'

export interface EventStreamLimits {
  /** Streams open at a time, all together and of one address. */
  maxStreams: number
  maxStreamsPerAddress: number
  /** Bytes that wait for one slow reader; beyond, it is let go and comes again. */
  maxQueuedBytes: number
  /** A line is sent so often where nothing happens, so that proxies and browsers see that the stream lives. */
  pingMs: number
}

export const EVENT_STREAM_LIMITS: EventStreamLimits = {
  maxStreams: 256,
  maxStreamsPerAddress: 32,
  maxQueuedBytes: 1024 * 1024,
  pingMs: 15_000,
}

/** Pause that browsers are told to make before they come again. */
const RETRY_MS = 1_000

/** Server-sent events (WHATWG HTML, 9.2) of what is new in the index. */
export class EventStreams {
  readonly #reader: ExplorerReader
  readonly #meter: HttpMeter
  readonly #limits: EventStreamLimits
  readonly #streams = new Map<Response, string>()
  readonly #unsubscribe: () => void
  readonly #pings: NodeJS.Timeout

  /** Listens to the index until {@link stop}. */
  constructor(
    { reader, meter }: { reader: ExplorerReader; meter: HttpMeter },
    limits: EventStreamLimits = EVENT_STREAM_LIMITS,
  ) {
    this.#reader = reader
    this.#meter = meter
    this.#limits = limits
    this.#unsubscribe = reader.subscribe((event) => {
      this.#send(frameOf(event))
    })
    this.#pings = setInterval(() => {
      this.#send(': \n\n')
    }, limits.pingMs).unref()
  }

  /** Makes a request's answer a stream. It begins with the newest block. @throws OrlopError `PEER_LIMIT`. */
  open(request: Request, response: Response): void {
    const address = request.ip ?? ''
    this.#assertRoom(address)
    this.#streams.set(response, address)
    this.#meter.setEventStreams(this.#streams.size)
    response.once('close', () => {
      this.#forget(response)
    })
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Told to proxies of the nginx kind: pass on at once.
      'X-Accel-Buffering': 'no',
    })
    const { indexed } = this.#reader.progress()
    response.write(`retry: ${RETRY_MS}\n\n`)
    if (indexed !== null) response.write(frameOf({ name: 'head', data: indexed }))
  }

  /** Ends every stream. */
  stop(): void {
    this.#unsubscribe()
    clearInterval(this.#pings)
    for (const response of this.#streams.keys()) response.end()
  }

  #assertRoom(address: string): void {
    const { maxStreams, maxStreamsPerAddress } = this.#limits
    const ofAddress = this.#streams.values().filter((other) => other === address)
    if (this.#streams.size < maxStreams && [...ofAddress].length < maxStreamsPerAddress) return
    throw new OrlopError(
      'PEER_LIMIT',
      `Too many live streams are open (${maxStreams} together, ${maxStreamsPerAddress} from one address). Close one, or ask the lists from time to time.`,
    )
  }

  #forget(response: Response): void {
    this.#streams.delete(response)
    this.#meter.setEventStreams(this.#streams.size)
  }

  #send(frame: string): void {
    for (const response of this.#streams.keys()) {
      if (response.writableLength <= this.#limits.maxQueuedBytes) {
        response.write(frame)
      } else {
        // Cut, not ended: what waits would have to be sent first.
        this.#forget(response)
        response.destroy()
        this.#meter.eventStreamDropped()
      }
    }
  }
}

/** JSON has no line ends of its own, so one `data` line holds it. */
function frameOf({ name, data }: ApiEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

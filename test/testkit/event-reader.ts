import { type ApiEvent, type ApiEventName, apiEvents } from '@orlop/protocol/api/service'

/** One event of the gateway as it came. */
interface ReceivedEvent {
  readonly name: string
  readonly data: unknown
  readonly receivedMs: number
}

type EventData<N extends ApiEventName> = Extract<ApiEvent, { name: N }>['data']

/** A reader of the gateway's live stream, as a browser's `EventSource` is one. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>
  #text = ''

  private constructor(reader: ReadableStreamDefaultReader<string>) {
    this.#reader = reader
  }

  /** @param explorerUrl - of the gateway. */
  static async open(explorerUrl: string): Promise<EventReader> {
    const { body } = await fetch(new URL('/v1/events', explorerUrl))
    if (body === null) throw new Error('the live stream has no body')
    return new EventReader(body.pipeThrough(new TextDecoderStream()).getReader())
  }

  /** The next event of that name that `accepts` takes; others are passed over. */
  async next<N extends ApiEventName>(
    name: N,
    accepts: (data: EventData<N>) => boolean,
  ): Promise<{ data: EventData<N>; receivedMs: number }> {
    for (;;) {
      const event = await this.#event()
      if (event.name !== name) continue
      const data = apiEvents[name].parse(event.data) as EventData<N>
      if (accepts(data)) return { data, receivedMs: event.receivedMs }
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel()
  }

  async #event(): Promise<ReceivedEvent> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        const found = /^event: (.*)\ndata: (.*)$/.exec(block)
        if (found === null) continue
        const [, name = '', data = ''] = found
        return { name, data: JSON.parse(data) as unknown, receivedMs: Date.now() }
      }
      const { value, done } = await this.#reader.read()
      if (done) throw new Error('the live stream ended')
      this.#text += value
    }
  }
}

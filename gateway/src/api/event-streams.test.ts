import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { apiEvents, type ApiEventName } from '@orlop/protocol/api/service'
import { ServedLedger } from './served-ledger.fixture.ts'

/** A browser that listens. */
class Listener {
  readonly response: IncomingMessage
  readonly #request: ClientRequest
  #text = ''
  #wake: () => void = () => undefined

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      this.#text += text
      this.#wake()
    })
    for (const end of ['end', 'error'] as const)
      response.on(end, () => {
        this.#wake()
      })
  }

  static open(url: string): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const request = get(`${url}v1/events`, (response) => {
        resolve(new Listener(request, response))
      })
      request.on('error', reject)
    })
  }

  /** The data of the next event of that name. */
  async next(name: ApiEventName): Promise<unknown> {
    for (;;) {
      const found = new RegExp(`event: ${name}\\ndata: (.*)\\n\\n`).exec(this.#text)
      if (found !== null) {
        this.#text = this.#text.slice(found.index + found[0].length)
        return JSON.parse(found[1] ?? '')
      }
      await this.#more()
    }
  }

  async ended(): Promise<void> {
    while (!this.response.complete && !this.response.destroyed) await this.#more()
  }

  close(): void {
    this.#request.destroy()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }
}

describe('live events', () => {
  let served: ServedLedger
  afterEach(() => served.stop())

  it('begin with the newest block, and tell of every record, rating and lost block', async () => {
    served = await ServedLedger.start()
    await served.fill()
    const listener = await Listener.open(served.url)
    expect(listener.response.headers).to.include({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(await listener.next('head')).to.deep.equal(served.at.index.progress().indexed)
    await served.at.record({ sequence: 9 })
    await served.at.follower.catchUp()
    const record = apiEvents.record.parse(await listener.next('record'))
    expect(record).to.deep.equal(served.at.index.receipts({ limit: 1 }).items[0])
    await served.at.on.nodes[1].rate(served.at.on.rating({ sequence: 9 }))
    await served.at.follower.catchUp()
    expect(apiEvents.rating.parse(await listener.next('rating'))).to.include({ sequence: 9 })
    served.at.ledger.dropBlocks(1)
    await served.at.follower.catchUp()
    expect(apiEvents.rollback.parse(await listener.next('rollback')).blockNumber).to.be.above(0)
    listener.close()
  })

  it('are not for more readers than there is room for', async () => {
    served = await ServedLedger.start({}, { limits: { maxStreamsPerAddress: 2 } })
    const listeners = [await Listener.open(served.url), await Listener.open(served.url)]
    expect((await served.get('/v1/events')).status).to.equal(429)
    for (const listener of listeners) listener.close()
  })

  it('make room again when a reader leaves', async () => {
    served = await ServedLedger.start({}, { limits: { maxStreamsPerAddress: 1 } })
    const first = await Listener.open(served.url)
    first.close()
    let response = await served.get('/v1/events')
    while (response.status === 429) response = await served.get('/v1/events')
    expect(response.status).to.equal(200)
    await response.body?.cancel()
  })

  it('let a reader go that does not keep up', async () => {
    served = await ServedLedger.start({}, { limits: { maxQueuedBytes: 1 } })
    await served.at.on.admitAll()
    const slow = await Listener.open(served.url)
    slow.response.pause()
    await served.at.record({ sequence: 1 }, { sequence: 2 }, { sequence: 3 })
    await served.at.follower.catchUp()
    slow.response.resume()
    await slow.ended()
    expect(await (await served.get('/metrics')).text()).to.include(
      'orlop_gateway_event_streams_dropped_total 1',
    )
  })

  it('end when the gateway does', async () => {
    served = await ServedLedger.start()
    const listener = await Listener.open(served.url)
    served.events.stop()
    await listener.ended()
    expect(listener.response.complete).to.equal(true)
  })
})

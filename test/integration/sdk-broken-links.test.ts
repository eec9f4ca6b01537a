import { cpSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { ClientEvent } from '@orlop/client-sdk/events'
import type { StoreResult } from '@orlop/client-sdk/upload/store-result'
import { REQUEST_LEASE_MS } from '@orlop/protocol/limits'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'

use(chaiAsPromised)

const NODES = ['A01', 'A02', 'A03', 'A04']
/** Where an upload can be interrupted, in order. */
const STEPS = ['classified', 'chosen', 'offered', 'accepted', 'sealed', 'sent', 'committed', 'ack']

describe('sdk: broken links', () => {
  let fleet: SdkFleet

  beforeEach(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(NODES)
  })
  afterEach(() => fleet.close())

  it('sends at most 1.05 bytes for each sealed byte over a link that keeps breaking', async () => {
    const { client, transport } = await fleet.client()
    const bytes = sampleBytes(6_000_000)
    let breaks = 0
    const ingressPeerIds = new Map<number, string>()
    for (const { nodeId, peerId } of await client.nodes()) ingressPeerIds.set(nodeId, peerId)
    let ingress = ''
    const arm = () => fleet.network.breakAfter(transport.peerId, ingress, 900_000)
    const result = await client.store(
      { source: { bytes }, name: 'long.bin', overrides: { codec: 'stored' } },
      {
        onProgress: (event) => {
          if (event.type === 'chosen') ingress = ingressPeerIds.get(event.ingress.nodeId) ?? ''
          if (event.type === 'accepted') arm()
          if (event.type !== 'retrying') return
          breaks += 1
          arm()
        },
      },
    )
    expect(breaks).to.be.at.least(4)
    expect(result.wireBytes.sentBytes / result.sealedBytes).to.be.within(1, 1.05)
    await expectStored(client, result, bytes)
  })

  for (const step of STEPS.filter((one) => one !== 'classified')) {
    it(`goes on when the ingress node disappears at '${step}' and comes back`, async () => {
      const { client } = await fleet.client()
      const bytes = sampleBytes(400_000)
      const gone = new Interruption(fleet, step)
      const result = await client.store(
        { source: { bytes }, name: 'x' },
        { onProgress: (event) => gone.hear(event) },
      )
      expect(gone.happened).to.equal(true)
      await gone.over
      await expectStored(client, result, bytes)
    })

    it(`goes to another node when the ingress node disappears at '${step}' for good`, async () => {
      const clock = { aheadMs: 0, nowMs: () => Date.now(), monotonicMs: () => 0 }
      clock.monotonicMs = () => performance.now() + clock.aheadMs
      const { client } = await fleet.client({ clock, settings: { ingressPatienceMs: 1_000 } })
      const bytes = sampleBytes(400_000)
      const gone = new Interruption(fleet, step, { forGood: true })
      const askedBeforeLeaseEnd: number[] = []
      let offeredTo: number | null = null
      const result = await client.store(
        { source: { bytes }, name: 'x', overrides: { copies: 2 } },
        {
          onProgress: (event) => {
            gone.hear(event)
            if (event.type === 'offered') {
              if (offeredTo !== null && event.node.nodeId !== offeredTo && clock.aheadMs === 0) {
                askedBeforeLeaseEnd.push(event.node.nodeId)
              }
              offeredTo = event.node.nodeId
            }
            // Time passes only after a few vain attempts: nobody else may have been asked by then.
            if (event.type === 'retrying' && event.attempt >= 4) clock.aheadMs += REQUEST_LEASE_MS
          },
        },
      )
      expect(gone.happened).to.equal(true)
      expect(askedBeforeLeaseEnd).to.deep.equal([])
      await gone.over
      await expectStored(client, result, bytes)
    })
  }

  for (const step of [...STEPS, 'stored']) {
    it(`continues on the same home after it was killed at '${step}'`, async () => {
      const former = await fleet.client()
      const bytes = sampleBytes(5_000_000)
      const file = join(await fleet.folder(), 'voyage.bin')
      await writeFile(file, bytes)
      const copy = await fleet.folder()
      const stop = new AbortController()
      const storing = former.client.store(
        { source: { path: file }, overrides: { codec: 'stored' } },
        {
          signal: stop.signal,
          onProgress: ({ type }) => {
            if (type !== step || stop.signal.aborted) return
            // What a killed process leaves is what is on disk at this moment.
            cpSync(former.home, copy, { recursive: true })
            stop.abort()
          },
        },
      )
      await storing.catch(() => undefined)
      await former.client.close()
      const later = await fleet.guest({ home: copy, keyring: former.keyring })
      const result = await later.client.store({
        source: { path: file },
        overrides: { codec: 'stored' },
        waitFor: 'recorded',
      })
      await expectStored(later.client, result, bytes)
      expect((await later.client.resume()).failed).to.deep.equal([])
    })
  }

  it('continues left-over uploads without being told which', async () => {
    const former = await fleet.client()
    const bytes = sampleBytes(200_000)
    const stop = new AbortController()
    const storing = former.client.store(
      { source: { bytes }, name: 'from memory' },
      {
        signal: stop.signal,
        onProgress: ({ type }) => {
          if (type === 'committed') stop.abort()
        },
      },
    )
    await expect(storing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
    const later = await fleet.restart(former)
    const { stored, failed } = await later.client.resume()
    expect(failed).to.deep.equal([])
    expect(stored.map(({ name }) => name)).to.deep.equal(['from memory'])
    await expectStored(later.client, stored[0]!, bytes)
  })

  it('lists what is unfinished, continues one of it and gives another up', async () => {
    const { client, home } = await fleet.client()
    const bytes = sampleBytes(200_000)
    const named = async (name: string) =>
      (await client.uploads()).find((upload) => upload.name === name) ?? null
    const begin = (name: string, onProgress: (event: ClientEvent) => void) => {
      const stop = new AbortController()
      const { signal } = stop
      const request = { source: { bytes }, name, requestKey: name }
      return { stop, storing: client.store(request, { signal, onProgress }) }
    }
    const storeSealedOnly = async (name: string) => {
      const gone = new Interruption(fleet, 'accepted', { forGood: true })
      const { stop, storing } = begin(name, (event) => gone.hear(event))
      const sealed = await until('sealed', async () => (await named(name))?.isSealed ?? false)
      expect((await named(name))?.isActive).to.equal(sealed)
      const active = client.abandon((await named(name))!)
      await expect(active).to.be.rejected.and.eventually.include({ code: 'USAGE' })
      stop.abort()
      await expect(storing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
      await gone.comeBack()
    }
    expect(await client.uploads()).to.deep.equal([])
    await storeSealedOnly('kept')
    await storeSealedOnly('dropped')
    const { stop, storing } = begin('promised', ({ type }) => {
      if (type === 'ack') stop.abort()
    })
    await expect(storing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
    const [kept, dropped, promised] = await Promise.all(['kept', 'dropped', 'promised'].map(named))
    expect(kept).to.include({ requestKey: 'kept', isSealed: true, isActive: false })
    expect(kept!.totalBytes).to.be.greaterThan(0)
    await client.abandon(dropped!)
    const again = client.abandon(dropped!)
    await expect(again).to.be.rejected.and.eventually.include({ code: 'OBJECT_NOT_FOUND' })
    const tooLate = client.abandon(promised!)
    await expect(tooLate).to.be.rejected.and.eventually.include({ code: 'USAGE' })
    const { stored, failed } = await client.resume({ objectId: kept!.objectId })
    expect(failed).to.deep.equal([])
    expect(stored.map(({ name }) => name)).to.deep.equal(['kept'])
    await expectStored(client, stored[0]!, bytes)
    expect((await client.uploads()).map(({ name }) => name)).to.deep.equal(['promised'])
    const spooled = `${promised!.objectId.replace(':', '-')}.sealed`
    expect(readdirSync(join(home, 'spool'))).to.deep.equal([spooled])
  })

  it('loses nothing when any one node is gone after it is stored', async () => {
    const { client } = await fleet.client()
    const bytes = sampleBytes(100_000)
    const { objectId, strips } = await client.store({ source: { bytes }, name: 'x' })
    for (const { nodeName } of strips) {
      await fleet.fleet.stopNode(nodeName)
      const { stream } = await client.retrieve({ objectId })
      expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
      await fleet.fleet.startNode(nodeName)
    }
  })

  it('goes on with another copy when a node disappears in the middle of a fetch', async () => {
    const { client } = await fleet.client()
    const bytes = sampleBytes(9_000_000)
    const overrides = { codec: 'stored' } as const
    const { objectId } = await client.store({ source: { bytes }, name: 'x', overrides })
    const stopped: string[] = []
    const names = new Map((await client.nodes()).map(({ peerId, name }) => [peerId, name]))
    fleet.network.onFrame = ({ from, verb, frame }) => {
      const name = names.get(from)
      if (verb === 'fetch' && frame.length > 10_000 && name !== undefined && stopped.length === 0) {
        stopped.push(name)
        void fleet.fleet.stopNode(name)
      }
      return Promise.resolve()
    }
    const { stream } = await client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
    expect(stopped).to.have.length(1)
  })
})

/** Stops the ingress node once, at the first event of one kind. */
class Interruption {
  happened = false
  over: Promise<unknown> = Promise.resolve()
  readonly #fleet: SdkFleet
  readonly #step: string
  readonly #forGood: boolean
  #ingress = ''

  constructor(fleet: SdkFleet, step: string, options: { forGood?: boolean } = {}) {
    this.#fleet = fleet
    this.#step = step
    this.#forGood = options.forGood ?? false
  }

  hear(event: ClientEvent): void {
    if (event.type === 'chosen' && this.#ingress === '') this.#ingress = event.ingress.name
    if (event.type !== this.#step || this.happened) return
    this.happened = true
    const { fleet } = this.#fleet
    this.over = fleet.stopNode(this.#ingress)
    if (!this.#forGood) this.over = this.over.then(() => fleet.startNode(this.#ingress))
  }

  async comeBack(): Promise<void> {
    await this.over
    await this.#fleet.fleet.startNode(this.#ingress)
  }
}

async function expectStored(client: SdkClient['client'], result: StoreResult, bytes: Uint8Array) {
  const { stream } = await client.retrieve({ objectId: result.objectId })
  expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  expect(result.strips).to.have.length(2)
  expect(result.strips.every(({ ack }) => ack !== null)).to.equal(true)
}

import { appendFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { ClientEvent } from '@orlop/client-sdk/events'
import type { OrlopError } from '@orlop/protocol/errors'
import { MAX_CLOCK_SKEW_MS } from '@orlop/protocol/limits'
import { readAll, sampleBytes, SdkFleet } from '../testkit/sdk-fleet.ts'

use(chaiAsPromised)

const BYTES = sampleBytes(50_000)

describe('sdk: hard conditions', () => {
  let fleet: SdkFleet

  beforeEach(() => {
    fleet = new SdkFleet()
  })
  afterEach(() => fleet.close())

  for (const offMs of [-3_600_000, 3_600_000]) {
    it(`stores although the ship’s clock is off by ${offMs / 60_000} minutes, and remembers by how much`, async () => {
      await fleet.startNodes(['A01', 'A02'])
      const clock = {
        nowMs: () => Date.now() + offMs,
        monotonicMs: () => performance.now(),
      }
      const made = await fleet.client({ clock })
      const refusals: string[] = []
      const request = { source: { bytes: BYTES }, name: 'x' }
      const onProgress = (event: { type: string; reason?: string }) => {
        if (event.type === 'offered') refusals.push(event.type)
      }
      await made.client.store(request, { onProgress })
      expect(refusals).to.have.length(2)
      const again = await fleet.restart(made, { clock })
      refusals.length = 0
      await again.client.store(request, { onProgress })
      expect(refusals).to.have.length(1)
      expect(Math.abs(offMs)).to.be.greaterThan(MAX_CLOCK_SKEW_MS)
    })
  }

  it('names every node with its reason when there are too few', async () => {
    await fleet.startNodes(['A01', 'A02'])
    await fleet.fleet.startNode('A03', { options: { capacityBytes: 1_000 } })
    await fleet.fleet.startNode('A08', { options: { tier: 'light' } })
    const { client } = await fleet.client()
    await fleet.fleet.stopNode('A02')
    const overrides = { importance: 'critical', copies: 2 } as const
    const storing = client.store({ source: { bytes: BYTES }, name: 'x', overrides })
    const error = await storing.catch((reason: unknown) => reason as OrlopError)
    expect(error).to.include({ code: 'NO_NODE_AVAILABLE' })
    const { message } = error as OrlopError
    expect(message).to.contain('2 nodes are needed and 1 can be used')
    expect(message).to.match(/A02: unreachable/)
    expect(message).to.match(/A03: full/)
    expect(message).to.match(/A08: tier not allowed/)
    expect(await client.list()).to.deep.equal([])
  })

  it('gives a file up that is written to whenever it is read, and leaves nothing behind', async () => {
    await fleet.startNodes(['A01', 'A02'])
    const made = await fleet.client()
    const file = join(await fleet.folder(), 'growing.log')
    await writeFile(file, BYTES)
    const objects = new Set<string>()
    const onProgress = (event: ClientEvent) => {
      if (event.type !== 'sealed') return
      objects.add(event.objectName)
      appendFileSync(file, 'more')
    }
    const storing = made.client.store({ source: { path: file } }, { onProgress })
    await expect(storing).to.be.rejected.and.eventually.include({ code: 'FILE_CHANGED' })
    // No chunk number was sealed twice under one key: every attempt was another object.
    expect(objects.size).to.equal(3)
    expect(await readdir(join(made.home, 'spool'))).to.deep.equal([])
    expect(await made.client.resume()).to.deep.equal({ stored: [], failed: [] })
  })

  it('stores a file that changed once as it is afterwards, as another object', async () => {
    await fleet.startNodes(['A01', 'A02'])
    const { client } = await fleet.client()
    const file = join(await fleet.folder(), 'once.log')
    await writeFile(file, BYTES)
    const objects: string[] = []
    const onProgress = (event: ClientEvent) => {
      if (event.type !== 'sealed') return
      if (objects.length === 0) appendFileSync(file, 'more')
      objects.push(event.objectName)
    }
    const { objectId, plainBytes } = await client.store({ source: { path: file } }, { onProgress })
    expect(plainBytes).to.equal(BYTES.length + 4)
    expect(objects[0]).to.not.equal(objectId)
    const { stream } = await client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), await readFile(file))).to.equal(0)
  })

  it('fetches its own objects while the ledger is away, and says so when it is needed', async () => {
    await fleet.startNodes(['A01', 'A02'])
    const { client } = await fleet.client()
    const { objectId } = await client.store({
      source: { bytes: BYTES },
      name: 'x',
      waitFor: 'recorded',
    })
    await client.list()
    fleet.fleet.ledger.setOutage(true)
    const { stream } = await client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), BYTES)).to.equal(0)
    expect(await client.list()).to.have.length(1)
    await expect(client.recover()).to.be.rejected.and.eventually.include({
      code: 'LEDGER_UNREACHABLE',
    })
    fleet.fleet.ledger.setOutage(false)
  })

  it('stores while the ledger is away; what is stored is recorded when it is back', async () => {
    await fleet.startNodes(['A01', 'A02'])
    const { client } = await fleet.client()
    // Nodes must have met the client: whom they never saw on the ledger they do not serve.
    await client.store({ source: { bytes: BYTES }, name: 'before' })
    fleet.fleet.ledger.setOutage(true)
    const { objectId, state } = await client.store({ source: { bytes: BYTES }, name: 'x' })
    expect(state).to.equal('stored')
    fleet.fleet.ledger.setOutage(false)
    const entry = await client.await({ objectId, state: 'recorded' })
    expect(entry.state).to.equal('recorded')
  })

  it('notices when the ledger lost what was recorded', async () => {
    await fleet.startNodes(['A01', 'A02'])
    const { client } = await fleet.client()
    const waitFor = 'recorded'
    const { objectId, strips } = await client.store({
      source: { bytes: BYTES },
      name: 'x',
      waitFor,
    })
    expect((await client.status({ objectId })).state).to.equal('recorded')
    const { blockNumber } = await fleet.reader().head()
    const receipts = await Array.fromAsync(fleet.reader().receipts({}))
    const lost = Math.min(...receipts.map(({ position }) => position.blockNumber))
    fleet.fleet.ledger.dropBlocks(blockNumber - lost + 1)
    const report = await client.status({ objectId })
    expect(report.state).to.equal('stored')
    expect(report.strips.map(({ txHash }) => txHash)).to.deep.equal(strips.map(() => null))
  })

  it('keeps to one connection on a metered link', async () => {
    await fleet.startNodes(['A01', 'A02', 'A03', 'A04'])
    const ship = await fleet.client({ settings: { isMetered: true } })
    const again = await fleet.restart(ship, { settings: { isMetered: true } })
    const contacted = new Set<string>()
    fleet.network.onFrame = ({ from, to, verb }) => {
      if (from === again.transport.peerId && verb !== 'relay') contacted.add(to)
      return Promise.resolve()
    }
    await again.client.store({ source: { bytes: BYTES }, name: 'x', overrides: { copies: 3 } })
    expect(contacted.size).to.equal(1)
  })

  it('agrees to another node when one goes away before it has its strip', async () => {
    await fleet.startNodes(['A01', 'A02', 'A03', 'A04'])
    const { client } = await fleet.client({ random: () => 0 })
    const names: string[] = []
    const gone: Promise<void>[] = []
    const result = await client.store(
      { source: { bytes: BYTES }, name: 'x', overrides: { copies: 2 } },
      {
        onProgress: (event) => {
          if (event.type === 'chosen') names.push(...event.proposed.map(({ name }) => name))
          if (event.type === 'accepted' && gone.length === 0) {
            gone.push(fleet.fleet.stopNode(names[0]!))
          }
        },
      },
    )
    await Promise.all(gone)
    expect(result.strips.map(({ nodeName }) => nodeName)).to.not.include(names[0])
    expect(result.strips.every(({ ack }) => ack !== null)).to.equal(true)
  })

  it('stores several objects at the same time', async () => {
    await fleet.startNodes(['A01', 'A02', 'A03'])
    const { client } = await fleet.client()
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        client.store({ source: { bytes: sampleBytes(20_000, index) }, name: `object ${index}` }),
      ),
    )
    for (const [index, { objectId }] of results.entries()) {
      const { stream } = await client.retrieve({ objectId })
      expect(Buffer.compare(await readAll(stream), sampleBytes(20_000, index))).to.equal(0)
    }
  })

  it('stops on request at once, also in the middle of a fetch', async () => {
    await fleet.startNodes(['A01', 'A02'])
    const { client } = await fleet.client()
    const bytes = sampleBytes(9_000_000)
    const { objectId } = await client.store({ source: { bytes }, name: 'x' })
    const stop = new AbortController()
    const { stream } = await client.retrieve({ objectId }, { signal: stop.signal })
    const reading = (async () => {
      for await (const piece of stream) {
        expect(piece.length).to.be.greaterThan(0)
        stop.abort()
      }
    })()
    await expect(reading).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
    const storing = client.store({ source: { bytes }, name: 'y' }, { signal: AbortSignal.abort() })
    await expect(storing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
  })
})

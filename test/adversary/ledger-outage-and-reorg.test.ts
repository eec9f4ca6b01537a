import { expect } from 'chai'
import type { StorageNode } from '@orlop/node/create-node'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

const BYTES = sampleBytes(20_000)

describe('adversary: a ledger that goes away or forgets', () => {
  let fleet: SdkFleet
  let ship: SdkClient
  let nodes: StorageNode[]

  beforeEach(async () => {
    fleet = new SdkFleet()
    nodes = []
    for (const name of ['A01', 'A02']) nodes.push((await fleet.fleet.startNode(name)).node)
    ship = await fleet.client()
  })
  afterEach(() => fleet.close())

  const ledger = () => fleet.fleet.ledger
  const receipts = () => Array.fromAsync(fleet.reader().receipts({}))
  const store = (name: string) => ship.client.store({ source: { bytes: BYTES }, name })

  /** Waits until so many strips have a receipt. */
  async function recorded(count: number): Promise<void> {
    while ((await receipts()).length < count) await new Promise((resolve) => setImmediate(resolve))
  }

  async function expectWhole(objectIds: readonly string[]): Promise<void> {
    for (const objectId of objectIds) {
      const { stream } = await ship.client.retrieve({ objectId })
      expect(Buffer.compare(await readAll(stream), BYTES)).to.equal(0)
    }
    const all = await receipts()
    const places = all.map(({ nodeId, sequence }) => `${nodeId}/${sequence}`)
    expect(new Set(places).size).to.equal(places.length)
    expect(all).to.have.length(2 * objectIds.length)
  }

  it('during storing, restarts of all nodes and again storing costs no receipt, and gives none twice', async () => {
    const objectIds = [(await store('before')).objectId]
    await recorded(2)
    ledger().setOutage(true)
    objectIds.push((await store('during')).objectId)
    for (const node of nodes) await node.stop()
    for (const node of nodes) await node.start()
    objectIds.push((await store('after the restart')).objectId)
    expect(await failureOf(fleet.reader().head())).to.include({ code: 'LEDGER_UNREACHABLE' })
    ledger().setOutage(false)
    await recorded(6)
    await expectWhole(objectIds)
  })

  it('by losing its last blocks again and again loses no receipt and no rating for good', async () => {
    const objectIds: string[] = []
    for (let round = 0; round < 2; round++) {
      objectIds.push((await store(`round ${round}`)).objectId)
      await recorded(2 * objectIds.length)
      const blocks = (await receipts()).map(({ position }) => position.blockNumber)
      const { blockNumber } = await fleet.reader().head()
      ledger().dropBlocks(blockNumber - Math.max(...blocks) + 1)
      await recorded(2 * objectIds.length)
    }
    await expectWhole(objectIds)
    const ratings = async () =>
      (await fleet.reader().nodes()).reduce((sum, node) => sum + node.ratings, 0)
    while ((await ratings()) < 2 * objectIds.length) await ship.client.tend()
    expect(await ratings()).to.equal(2 * objectIds.length)
  })

  it('of another chain gets nothing signed', async () => {
    const { deployment } = ledger()
    const wrong = { ...deployment, chainId: deployment.chainId + 1 }
    const failure = await failureOf(fleet.guest({ deployment: wrong }))
    expect(failure.code).to.equal('LEDGER_MISMATCH')
  })
})

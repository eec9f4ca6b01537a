import { expect } from 'chai'
import { Fleet, type FleetNode } from './testkit/fleet.ts'
import type { ScriptedClient } from './testkit/scripted-client.ts'

describe('storage nodes', () => {
  let fleet: Fleet
  let nodes: FleetNode[]
  let ship: ScriptedClient

  beforeEach(async () => {
    fleet = new Fleet()
    nodes = []
    for (const name of ['A01', 'A02', 'A03']) nodes.push(await fleet.startNode(name))
    ship = await fleet.client('ship')
  })

  afterEach(async () => {
    await fleet.close()
  })

  it('store, spread and give back an object', async () => {
    const object = ship.object('first', 1_500_000)
    const stores = nodes.map(({ node }) => node)
    const { done, acks } = await ship.put(object, stores)
    expect(done).to.equal('stored')
    expect([...acks.keys()].sort()).to.deep.equal([0, 1, 2])
    for (const [index, node] of stores.entries()) {
      const bytes = await ship.fetch(object, node, { index })
      expect(Buffer.compare(bytes, object.bytes)).to.equal(0)
    }
  })
})

import { expect } from 'chai'
import { nodeStatus, reachStatus } from '@orlop/protocol/wire/status'
import { Fleet, type FleetNode } from '../testkit/fleet.ts'
import type { ScriptedClient } from '../testkit/scripted-client.ts'

describe('status', () => {
  let fleet: Fleet
  let nodes: FleetNode[]
  let ship: ScriptedClient

  before(async () => {
    fleet = new Fleet()
    nodes = [await fleet.startNode('A01'), await fleet.startNode('A02')]
    ship = await fleet.client('ship')
  })

  after(async () => {
    await fleet.close()
  })

  it('tells room and reservations of the node', async () => {
    const ask = () =>
      ship.ask(nodes[0]!.node, 'status', { request: { node: true }, answer: nodeStatus })
    const before = await ask()
    expect(before).to.include({ nodeId: nodes[0]!.node.nodeId, accepting: true })
    await ship.offer(ship.object('room', 1_000_000, 1), [nodes[0]!.node])
    const after = await ask()
    expect(after.openReservations - before.openReservations).to.equal(1)
    expect(before.freeBytes - after.freeBytes).to.equal(1_000_000)
  })

  it('tells whether other nodes answer', async () => {
    const asked = { request: { reach: [nodes[1]!.node.nodeId, 99] }, answer: reachStatus }
    const { reachable } = await ship.ask(nodes[0]!.node, 'status', asked)
    expect(reachable.map(({ nodeId }) => nodeId)).to.deep.equal([nodes[1]!.node.nodeId])
    expect(reachable[0]!.roundTripMs).to.be.at.least(0)
  })
})

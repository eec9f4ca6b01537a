import { expect } from 'chai'
import { silentLogger } from '@orlop/protocol/logger'
import { Fleet } from '../testkit/fleet.ts'
import { AdmissionDesk } from './admission-desk.ts'

describe('admission desk', () => {
  let fleet: Fleet
  let desk: AdmissionDesk
  let nowMs: number
  /** Clients that were asked for. */
  let reads: number[]

  beforeEach(async () => {
    fleet = new Fleet()
    await fleet.startNode('A01', { options: { claimMaster: true } })
    nowMs = 0
    reads = []
    const chain = Object.assign(Object.create(fleet.admin) as typeof fleet.admin, {
      client: (clientId: number) => {
        reads.push(clientId)
        return fleet.admin.client(clientId)
      },
      head: () => fleet.admin.head(),
      nodes: () => fleet.admin.nodes(),
      admitClient: (clientId: number, minimum: number) =>
        fleet.admin.admitClient(clientId, minimum),
    })
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
    desk = new AdmissionDesk(
      { chain, clock, logger: silentLogger },
      { clients: 'all', nodes: 'none' },
    )
  })

  afterEach(async () => {
    await fleet.close()
  })

  const stateOf = async (clientId: number) => (await fleet.admin.client(clientId))?.state

  it('admits whoever takes the number of a client that the ledger lost', async () => {
    const { blockNumber } = fleet.ledger.head()
    const lost = await fleet.client('lost', { admitted: false })
    await desk.run(1)
    expect(await stateOf(lost.clientId)).to.equal('admitted')
    fleet.ledger.dropBlocks(fleet.ledger.head().blockNumber - blockNumber)
    const next = await fleet.client('next', { admitted: false })
    fleet.ledger.mineBlocks(5)
    expect(next.clientId).to.equal(lost.clientId)
    await desk.run(1)
    expect(await stateOf(next.clientId)).to.equal('admitted')
  })

  it('admits again when the ledger lost the admission alone', async () => {
    const { clientId } = await fleet.client('ship', { admitted: false })
    const { blockNumber } = fleet.ledger.head()
    await desk.run(1)
    await desk.run(1)
    fleet.ledger.dropBlocks(fleet.ledger.head().blockNumber - blockNumber)
    expect(await stateOf(clientId)).to.equal('pending')
    await desk.run(1)
    expect(await stateOf(clientId)).to.equal('admitted')
  })

  it('admits again when an admission vanished unseen: the ledger was longer again by the next look', async () => {
    const first = await fleet.client('first', { admitted: false })
    await fleet.client('second')
    const { blockNumber } = fleet.ledger.head()
    await desk.run(1)
    fleet.ledger.dropBlocks(fleet.ledger.head().blockNumber - blockNumber)
    fleet.ledger.mineBlocks(10)
    expect(await stateOf(first.clientId)).to.equal('pending')
    nowMs += 5_000
    await desk.run(1)
    expect(await stateOf(first.clientId)).to.equal('admitted')
  })

  it('looks at what it admitted ever less, and no more when it must be final', async () => {
    const { clientId } = await fleet.client('ship', { admitted: false })
    await desk.run(1)
    await fleet.client('next')
    await desk.run(1)
    reads = []
    const looks = () => reads.filter((asked) => asked === clientId).length
    for (; nowMs < 2 * 3_600_000; nowMs += 2_000) await desk.run(1)
    expect(looks()).to.be.within(5, 15)
    reads = []
    await desk.run(1)
    expect(looks()).to.equal(0)
  })

  it('leaves a client alone that was suspended meanwhile', async () => {
    const { clientId } = await fleet.client('ship', { admitted: false })
    await desk.run(1)
    await fleet.admin.suspendClient(clientId, 'test')
    nowMs += 5_000
    await desk.run(1)
    expect(await stateOf(clientId)).to.equal('suspended')
  })
})

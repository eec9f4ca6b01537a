import { expect } from 'chai'
import { silentLogger } from '@orlop/protocol/logger'
import { Fleet } from '../testkit/fleet.ts'
import { AdmissionDesk } from './admission-desk.ts'

describe('admission desk', () => {
  let fleet: Fleet
  let desk: AdmissionDesk

  beforeEach(async () => {
    fleet = new Fleet()
    await fleet.startNode('A01', { options: { claimMaster: true } })
    desk = new AdmissionDesk(fleet.admin, { clients: 'all', nodes: 'none' }, silentLogger)
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
})

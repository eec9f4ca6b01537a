import { expect } from 'chai'
import { verifyBatchProof } from '@orlop/contracts/batch-tree'
import { decodeEvidence } from '@orlop/client-sdk/evidence/evidence-file'
import type { Evidence } from '@orlop/client-sdk/evidence/evidence-format'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { commitType } from '@orlop/protocol/messages/storing'
import { digestOf } from '@orlop/protocol/typed-message'
import { sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

describe('sdk: exporting evidence', () => {
  let fleet: SdkFleet
  let ship: SdkClient
  let surveyor: SdkClient
  let objectId: string

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
    ship = await fleet.client({ relayed: true })
    surveyor = await fleet.client()
    const request = { source: { bytes: sampleBytes(9_000) }, name: 'secret name.bin' }
    const stored = await ship.client.store({ ...request, waitFor: 'recorded' })
    objectId = stored.objectId
  })
  after(() => fleet.close())

  function expectProved({ receipts, deployment }: Evidence): void {
    expect(receipts.length).to.be.above(1)
    for (const { commit, batch, commitSignature, ack } of receipts) {
      const leaf = digestOf(commitType, deployment, commit)
      expect(verifyBatchProof(leaf, batch.proof, batch.root)).to.equal(true)
      expect(commitSignature).to.have.length(64)
      expect(ack?.signature).to.have.length(64)
    }
  }

  it('of an own object through nodes alone brings proofs and both signatures', async () => {
    const { bytes } = await ship.client.exportEvidence({ objectIds: [objectId, objectId] })
    const evidence = decodeEvidence(bytes)
    expectProved(evidence)
    expect(evidence.subject).to.deep.include({ kind: 'objects' })
    expect(evidence.clients.map(({ name }) => name)).to.deep.equal(['MV Test'])
    expect(new TextDecoder().decode(bytes)).to.not.contain('secret name')
  })

  it('of another ship takes the signatures from the nodes that hold its strips', async () => {
    const { clientId } = ship.client.record!
    const request = { period: { fromMs: 0, toMs: 8e15 }, clientId }
    const { evidence } = await surveyor.client.exportEvidence(request)
    expectProved(evidence)
    expect(evidence.exported.clientId).to.equal(surveyor.client.record!.clientId)
    expect(evidence.clients.map((client) => client.clientId)).to.have.members([
      clientId,
      evidence.exported.clientId,
    ])
  })

  it('says what the ledger does not have', async () => {
    const period = { fromMs: 0, toMs: 1 }
    const early = await failureOf(ship.client.exportEvidence({ period }))
    expect(early).to.include({ code: 'OBJECT_NOT_FOUND' })
    const foreign = surveyor.client.exportEvidence({ objectIds: [objectId] })
    expect(await failureOf(foreign)).to.include({ code: 'OBJECT_NOT_FOUND' })
    const nobody = surveyor.client.exportEvidence({ objectIds: [objectId], clientId: 99 })
    expect(await failureOf(nobody)).to.include({ code: 'USAGE' })
    const guest = await fleet.guest()
    const unknown = await failureOf(guest.client.exportEvidence({ objectIds: [objectId] }))
    expect(unknown).to.include({ code: 'NOT_ADMITTED' })
  })
})

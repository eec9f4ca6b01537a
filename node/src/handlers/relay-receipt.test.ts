import { expect } from 'chai'
import { ackType, type SignedAck, type SignedCommit } from '@orlop/protocol/messages/storing'
import { signMessage } from '@orlop/protocol/typed-message'
import { relayAccepted } from '@orlop/protocol/wire/relay'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { Fleet, type FleetNode } from '../testkit/fleet.ts'
import { present, type ScriptedClient } from '../testkit/scripted-client.ts'
import { keyOf } from '../testkit/test-keys.ts'

describe('relay of a receipt', () => {
  let fleet: Fleet
  let withholding: FleetNode
  let other: FleetNode
  let ship: ScriptedClient
  let commit: SignedCommit
  let ack: SignedAck

  beforeEach(async () => {
    fleet = new Fleet()
    withholding = await fleet.startNode('A01', { options: { receiptMaxAgeMs: 86_400_000 } })
    other = await fleet.startNode('A02')
    ship = await fleet.client('ship')
    const put = await ship.put(ship.object('withheld', 500, 1), [withholding.node])
    commit = present(put.commits[0])
    ack = present(put.acks.get(0))
  })

  afterEach(async () => {
    await fleet.close()
  })

  const isRecorded = () => fleet.admin.isRecorded(withholding.node.nodeId, commit.message.sequence)

  const relay = (receipt: { commit: SignedCommit; ack: SignedAck }) =>
    ship.ask(other.node, 'relay', { request: { receipt }, answer: relayAccepted })

  function relayedBy({ node }: FleetNode): Promise<string | undefined> {
    return new Promise((resolve) => {
      present(node.storage).relay.subscribe((event) => {
        if (event.kind === 'relayed') resolve(event.transactionHash)
      })
    })
  }

  it('puts a receipt on the ledger that its node withholds', async () => {
    expect(await isRecorded()).to.equal(false)
    const relayed = relayedBy(other)
    expect(await relay({ commit, ack })).to.deep.equal({ accepted: true })
    expect(await relayed).to.be.a('string')
    expect(await isRecorded()).to.equal(true)
  })

  it('costs nothing when the receipt is there already', async () => {
    await present(withholding.node.storage).outbox.flush()
    const { blockNumber } = await fleet.admin.head()
    const relayed = relayedBy(other)
    await relay({ commit, ack })
    expect(await relayed).to.be.a('string')
    expect((await fleet.admin.head()).blockNumber).to.equal(blockNumber)
  })

  it('lets the node itself take it as recorded afterwards', async () => {
    const relayed = relayedBy(other)
    await relay({ commit, ack })
    await relayed
    const { outbox, strips } = present(withholding.node.storage)
    await outbox.flush()
    const { objectId, clientId, index } = commit.message
    expect((await strips.find({ objectId, clientId, index }))?.rejection).to.equal(undefined)
    expect(outbox.waiting).to.equal(0)
  })

  it('refuses what the contract would refuse', async () => {
    const { deployment } = fleet.ledger
    const key = keyOf('A02 ledger')
    const forged = signMessage(ackType, deployment, ack.message, key)
    expect((await failureOf(relay({ commit, ack: forged }))).code).to.equal('SIGNATURE_INVALID')

    const elsewhere = { ...ack.message, nodeId: other.node.nodeId }
    const foreign = signMessage(ackType, deployment, elsewhere, key)
    expect((await failureOf(relay({ commit, ack: foreign }))).code).to.equal('COMMIT_INVALID')

    const changed = { ...commit, message: { ...commit.message, streamBytes: 1 } }
    expect((await failureOf(relay({ commit: changed, ack }))).code).to.equal('SIGNATURE_INVALID')

    const second = await ship.put(ship.object('second', 500, 1), [withholding.node])
    const ofSecond = present(second.acks.get(0))
    expect((await failureOf(relay({ commit, ack: ofSecond }))).code).to.equal('COMMIT_INVALID')
    expect(present(other.node.storage).relay.waiting).to.equal(0)
  })
})

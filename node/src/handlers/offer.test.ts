import { expect } from 'chai'
import {
  offerType,
  REFUSAL_REASONS,
  refusalType,
  reservationType,
} from '@orlop/protocol/messages/storing'
import { assertSignedBy } from '@orlop/protocol/typed-message'
import { offerAnswer } from '@orlop/protocol/wire/offer'
import type { OfferAnswer } from '@orlop/protocol/wire/offer'
import type { StorageNode } from '../create-node.ts'
import { Fleet } from '../testkit/fleet.ts'
import { accountOf } from '../testkit/test-keys.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import type { ScriptedClient } from '../testkit/scripted-client.ts'

describe('offer', () => {
  let fleet: Fleet
  let nodes: StorageNode[]
  let ship: ScriptedClient

  before(async () => {
    fleet = new Fleet()
    nodes = []
    for (const name of ['A01', 'A02', 'A03']) nodes.push((await fleet.startNode(name)).node)
    ship = await fleet.client('ship')
  })

  after(async () => {
    await fleet.close()
  })

  function refusalIn(answer: OfferAnswer) {
    if (!('refusal' in answer)) throw new Error('expected a refusal')
    assertSignedBy(refusalType, fleet.ledger.deployment, answer.refusal, accountOf('A01'))
    return answer.refusal.message
  }

  it('is answered with every node’s signed reservation', async () => {
    const object = ship.object('answered', 1_000)
    const answer = await ship.offer(object, nodes)
    if ('refusal' in answer) throw new Error('refused')
    expect(answer.refusals).to.deep.equal([])
    expect(answer.reservations.map(({ message }) => message.index)).to.deep.equal([0, 1, 2])
    for (const [place, reservation] of answer.reservations.entries()) {
      expect(reservation.message.nodeId).to.equal(nodes[place]!.nodeId)
      expect(reservation.message.maxBytes).to.equal(1_000)
      const account = accountOf(`A0${place + 1}`)
      assertSignedBy(reservationType, fleet.ledger.deployment, reservation, account)
    }
  })

  it('keeps the numbers it gave when the client offers again', async () => {
    const object = ship.object('again', 1_000)
    const numbersOf = async () =>
      (await ship.reserve(object, nodes)).map(({ message }) => message.sequence)
    expect(await numbersOf()).to.deep.equal(await numbersOf())
  })

  it('is refused with the node’s time when its request time is stale or to come', async () => {
    for (const offMs of [-60_000, 60_000]) {
      const requestTimeMs = Date.now() + offMs
      const answer = await ship.offer(ship.object('skewed', 10), nodes, { requestTimeMs })
      const message = refusalIn(answer)
      expect(message.reasonCode).to.equal(REFUSAL_REASONS['clock-skew'])
      expect(message.requestTimeMs).to.equal(requestTimeMs)
      expect(Math.abs(message.nodeTimeMs - Date.now())).to.be.below(30_000)
    }
  })

  it('is refused when it is for another node, proposes this one or one twice, or asks for shares', async () => {
    const object = ship.object('wrong', 10)
    const [first, second] = nodes.map(({ nodeId }) => nodeId)
    const bad = [
      { nodeId: second! },
      { proposedNodeIds: [first!, second!] },
      { proposedNodeIds: [second!, second!] },
      { proposedNodeIds: [second!, 77, 78] },
      { k: 2, m: 1 },
      { expiry: 1 },
    ]
    for (const changes of bad) {
      const message = refusalIn(await ship.offer(object, nodes, changes))
      expect(message.reasonCode).to.equal(REFUSAL_REASONS['offer-invalid'])
    }
  })

  it('is refused by a node that is full, with a time to ask again', async () => {
    const maxBytes = 65 * 1024 * 1024
    const message = refusalIn(await ship.offer(ship.object('huge', 10), nodes, { maxBytes }))
    expect(message.reasonCode).to.equal(REFUSAL_REASONS['node-full'])
    expect(message.retryAfterMs).to.be.above(0)
  })

  it('names proposed nodes that do not exist, and keeps the others', async () => {
    const [, second] = nodes
    const answer = await ship.offer(ship.object('absent', 10), nodes, {
      proposedNodeIds: [99, second!.nodeId],
    })
    if ('refusal' in answer) throw new Error('refused')
    expect(answer.unreachableNodeIds).to.deep.equal([99])
    expect(answer.reservations.map(({ message }) => message.index)).to.deep.equal([0, 2])
  })

  it('is not taken from another client than the one that signed it', async () => {
    const other = await fleet.client('other')
    const request = { offer: ship.offerOf(ship.object('stolen', 10), nodes) }
    const failure = await failureOf(other.ask(nodes[0]!, 'offer', { request, answer: offerAnswer }))
    expect(failure.code).to.equal('NOT_AUTHORIZED')
  })

  it('is not taken when somebody else signed it', async () => {
    const other = await fleet.client('forger')
    const { message } = ship.offerOf(ship.object('forged', 10), nodes)
    const request = { offer: other.sign(offerType, message) }
    const failure = await failureOf(ship.ask(nodes[0]!, 'offer', { request, answer: offerAnswer }))
    expect(failure.code).to.equal('SIGNATURE_INVALID')
  })

  it('is not heard from a client that is not admitted', async () => {
    const pending = await fleet.client('pending', { admitted: false })
    const failure = await failureOf(pending.offer(pending.object('p', 10), nodes))
    expect(failure.code).to.equal('NOT_ADMITTED')
    expect(failure.message).to.contain('waits to be admitted')
  })

  it('is not heard from a client that was suspended', async () => {
    const gone = await fleet.client('gone')
    await fleet.admin.suspendClient(gone.clientId, 'sold')
    const failure = await failureOf(gone.offer(gone.object('g', 10), nodes))
    expect(failure.code).to.equal('NOT_ADMITTED')
    expect(failure.message).to.contain('suspended')
  })

  it('is refused to a client that is suspended while connected', async () => {
    const leaving = await fleet.client('leaving')
    await leaving.reserve(leaving.object('l', 10), nodes)
    await fleet.admin.suspendClient(leaving.clientId, 'sold')
    const failure = await failureOf(leaving.offer(leaving.object('l2', 10), nodes))
    expect(failure.code).to.equal('NOT_ADMITTED')
    expect(failure.message).to.contain('suspended')
  })
})

import { expect } from 'chai'
import { merkleRoot } from '@orlop/crypto/merkle'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { extendType, RATING_CAUSES, ratingType, removeType } from '@orlop/protocol/messages/keeping'
import { envelopePutAnswer } from '@orlop/protocol/wire/envelope'
import { relayAccepted } from '@orlop/protocol/wire/relay'
import { removeAnswer } from '@orlop/protocol/wire/remove'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { Fleet, type FleetNode } from '@orlop/node/testkit/fleet'
import type { ScriptedClient, TestObject } from '@orlop/node/testkit/scripted-client'

describe('adversary: an admitted client that forges', () => {
  let fleet: Fleet
  let first: FleetNode
  let second: FleetNode
  let ship: ScriptedClient
  let forger: ScriptedClient
  let object: TestObject

  before(async () => {
    fleet = new Fleet()
    first = await fleet.startNode('A01')
    second = await fleet.startNode('A02')
    ship = await fleet.client('ship')
    forger = await fleet.client('forger')
    object = ship.object('target', 5_000, 2)
    await ship.put(object, [first.node, second.node])
    await recorded(2)
  })
  after(() => fleet.close())

  /** Every attack is followed by this: nothing of the ship's has changed. */
  afterEach(async () => {
    for (const [index, { node }] of [first, second].entries()) {
      expect(Buffer.compare(await ship.fetch(object, node, { index }), object.bytes)).to.equal(0)
      const key = { objectId: object.objectId, clientId: ship.clientId }
      expect((await node.storage!.envelopes.find(key))?.version).to.equal(1)
      const strip = await node.storage!.strips.find({ ...key, index })
      expect(strip?.expirySeconds).to.equal(object.expiry)
    }
  })

  /** Waits until the nodes' outboxes have nothing left that is not on the ledger. */
  async function recorded(count: number): Promise<void> {
    for (;;) {
      const { objectId } = object
      const receipts = await Array.fromAsync(fleet.admin.receipts({ objectId }))
      if (receipts.length >= count) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  it('gets no reservation under another client’s number', async () => {
    const request = ship.object('in the name of the ship', 100, 2)
    const nodes = [first.node, second.node]
    const failure = await failureOf(forger.offer(request, nodes, { clientId: ship.clientId }))
    expect(failure.code).to.be.oneOf(['SIGNATURE_INVALID', 'NOT_AUTHORIZED'])
  })

  it('gets no Ack for another client’s reservation, whoever signed', async () => {
    const target = ship.object('reserved by the ship', 100, 1)
    const [reservation] = await ship.reserve(target, [first.node])
    await ship.store(target, first.node)
    const commits = [
      forger.commitOf(target, reservation!, { clientId: ship.clientId }),
      forger.commitOf(target, reservation!),
      ship.commitOf(target, reservation!),
    ]
    for (const commit of commits) {
      const failure = await failureOf(forger.commit(target, first.node, [commit]))
      expect(failure.code).to.be.oneOf([
        'SIGNATURE_INVALID',
        'NOT_AUTHORIZED',
        'RESERVATION_UNKNOWN',
        'COMMIT_INVALID',
      ])
    }
    const rightly = await ship.commit(target, first.node, [ship.commitOf(target, reservation!)])
    expect(rightly.done).to.equal('stored')
  })

  it('gets no Ack for bytes, sizes, objects or numbers other than its own', async () => {
    const own = forger.object('own', 2_000, 1)
    const [reservation] = await forger.reserve(own, [first.node])
    await forger.store(own, first.node)
    const lies = [
      { root: merkleRoot(object.bytes) },
      { streamBytes: 1_999 },
      { objectId: object.objectId },
      { sequence: reservation!.message.sequence + 1 },
      { nodeId: second.node.nodeId },
      { expiry: own.expiry + 3_600 },
    ]
    for (const lie of lies) {
      const commit = forger.commitOf(own, reservation!, lie)
      const failure = await failureOf(forger.commit(own, first.node, [commit]))
      expect(failure.code, Object.keys(lie).join()).to.be.oneOf([
        'COMMIT_INVALID',
        'RESERVATION_UNKNOWN',
        'RESERVATION_EXCEEDED',
        'STRIP_DAMAGED',
        'ENVELOPE_INVALID',
      ])
    }
    const receipts = await Array.fromAsync(fleet.admin.receipts({ clientId: forger.clientId }))
    expect(receipts).to.deep.equal([])
  })

  it('does not touch another client’s object by an object of the same name', async () => {
    const same = { ...forger.object('same name', 700, 1), objectId: object.objectId }
    const { done } = await forger.put(same, [first.node])
    expect(done).to.equal('stored')
    expect(Buffer.compare(await forger.fetch(same, first.node, { index: 0 }), same.bytes)).to.equal(
      0,
    )
  })

  it('removes, extends and rewraps nothing of another client’s', async () => {
    const { objectId } = object
    const message = { objectId, clientId: ship.clientId, index: EVERY_STRIP }
    const remove = forger.sign(removeType, message)
    const extend = forger.sign(extendType, { ...message, expiry: object.expiry + 9 })
    for (const request of [{ remove }, { extend }]) {
      const asking = forger.ask(first.node, 'remove', { request, answer: removeAnswer })
      expect((await failureOf(asking)).code).to.equal('SIGNATURE_INVALID')
    }
    const envelope = forger.envelopeOf(object, 2)
    const put = { put: { clientId: ship.clientId, envelope } }
    const putting = forger.ask(first.node, 'envelope', { request: put, answer: envelopePutAnswer })
    expect((await failureOf(putting)).code).to.be.oneOf(['SIGNATURE_INVALID', 'ENVELOPE_INVALID'])
  })

  it('rates no receipt that is not its own, on the node or on the ledger', async () => {
    const [receipt] = await Array.fromAsync(
      fleet.admin.receipts({ clientId: ship.clientId, nodeId: first.node.nodeId }),
    )
    const { nodeId, sequence } = receipt!
    const before = (await fleet.admin.node(nodeId))!.creditMillionths
    const causeCode = RATING_CAUSES['client-judgement']
    for (const clientId of [ship.clientId, forger.clientId]) {
      const rating = forger.sign(ratingType, { nodeId, sequence, clientId, score: 1, causeCode })
      const asking = forger.ask(second.node, 'relay', {
        request: { rating },
        answer: relayAccepted,
      })
      // A node may take what only the ledger can judge; the ledger does not.
      await asking.catch(() => undefined)
      expect((await failureOf(second.chain.rate(rating))).code).to.equal('LEDGER_REJECTED')
    }
    expect((await fleet.admin.node(nodeId))!.creditMillionths).to.equal(before)
  })
})

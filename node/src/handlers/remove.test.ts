import { expect } from 'chai'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { extendType, removeType } from '@orlop/protocol/messages/keeping'
import { removeAnswer } from '@orlop/protocol/wire/remove'
import type { StorageNode } from '../create-node.ts'
import { Fleet } from '../testkit/fleet.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import type { ScriptedClient, TestObject } from '../testkit/scripted-client.ts'

describe('remove', () => {
  let fleet: Fleet
  let node: StorageNode
  let ship: ScriptedClient

  before(async () => {
    fleet = new Fleet()
    node = (await fleet.startNode('A01')).node
    ship = await fleet.client('ship')
  })

  after(async () => {
    await fleet.close()
  })

  async function stored(label: string): Promise<TestObject> {
    const object = ship.object(label, 1_000, 1)
    await ship.put(object, [node])
    return object
  }

  const messageOf = ({ objectId }: TestObject) => ({
    objectId,
    clientId: ship.clientId,
    index: EVERY_STRIP,
  })
  const send = (request: object) => ship.ask(node, 'remove', { request, answer: removeAnswer })

  it('deletes what its client gives up, for good', async () => {
    const object = await stored('given up')
    const remove = ship.sign(removeType, messageOf(object))
    expect(await send({ remove })).to.deep.equal({ strips: 1 })
    const failure = await failureOf(ship.fetch(object, node, { index: 0 }))
    expect(failure.code).to.equal('OBJECT_REMOVED')
    expect(await send({ remove })).to.deep.equal({ strips: 0 })
    const offered = await ship.offer(object, [node])
    expect(offered).to.have.property('refusal')
  })

  it('keeps strips longer, and queues the message for the ledger', async () => {
    const object = await stored('extended')
    const message = { ...messageOf(object), expiry: object.expiry + 1_000 }
    const relayed = new Promise((resolve) => {
      node.storage!.relay.subscribe((event) => {
        if (event.kind === 'relayed' && event.message === 'extend') resolve(event)
      })
    })
    expect(await send({ extend: ship.sign(extendType, message) })).to.deep.equal({ strips: 1 })
    const key = { objectId: object.objectId, clientId: ship.clientId, index: 0 }
    expect((await node.storage!.strips.find(key))?.expirySeconds).to.equal(message.expiry)
    await relayed
  })

  it('keeps and queues nothing about an object that is not here', async () => {
    const elsewhere = ship.object('never stored', 1_000, 1)
    const { waiting } = node.storage!.relay
    const extend = ship.sign(extendType, {
      ...messageOf(elsewhere),
      expiry: elsewhere.expiry + 1_000,
    })
    expect(await send({ extend })).to.deep.equal({ strips: 0 })
    const remove = ship.sign(removeType, messageOf(elsewhere))
    expect(await send({ remove })).to.deep.equal({ strips: 0 })
    expect(node.storage!.relay.waiting).to.equal(waiting)
    const key = { objectId: elsewhere.objectId, clientId: ship.clientId, index: 0 }
    expect(await node.storage!.strips.isRemoved(key)).to.equal(false)
  })

  it('limits how many messages one peer may send', async () => {
    const limited = await fleet.startNode('A02', { options: { relaySubmitsPerMinute: 1 } })
    const request = { remove: ship.sign(removeType, messageOf(ship.object('limited', 1))) }
    const ask = () => ship.ask(limited.node, 'remove', { request, answer: removeAnswer })
    expect(await ask()).to.deep.equal({ strips: 0 })
    expect((await failureOf(ask())).code).to.equal('PEER_LIMIT')
  })

  it('refuses an expiry that has passed', async () => {
    const object = await stored('passed')
    const extend = ship.sign(extendType, { ...messageOf(object), expiry: 1_000 })
    expect((await failureOf(send({ extend }))).code).to.equal('MALFORMED_MESSAGE')
  })

  it('refuses what somebody else signed', async () => {
    const object = await stored('kept')
    const thief = await fleet.client('thief')
    const remove = thief.sign(removeType, messageOf(object))
    const extend = thief.sign(extendType, { ...messageOf(object), expiry: object.expiry + 1 })
    expect((await failureOf(send({ remove }))).code).to.equal('SIGNATURE_INVALID')
    expect((await failureOf(send({ extend }))).code).to.equal('SIGNATURE_INVALID')
    expect((await ship.fetch(object, node, { index: 0 })).length).to.equal(1_000)
  })
})

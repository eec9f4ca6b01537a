import { expect } from 'chai'
import { compareBytes } from '@orlop/crypto/bytes'
import { decodeEnvelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import { envelopeGetAnswer, envelopePutAnswer } from '@orlop/protocol/wire/envelope'
import type { StorageNode } from '../create-node.ts'
import { Fleet } from '../testkit/fleet.ts'
import { keyOf } from '../testkit/test-keys.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import type { ScriptedClient, TestObject } from '../testkit/scripted-client.ts'

describe('envelope', () => {
  let fleet: Fleet
  let node: StorageNode
  let ship: ScriptedClient
  let object: TestObject
  let count = 0

  before(async () => {
    fleet = new Fleet()
    node = (await fleet.startNode('A01')).node
    ship = await fleet.client('ship')
  })

  beforeEach(async () => {
    count += 1
    object = ship.object(`enveloped ${count}`, 1_000, 1)
    await ship.put(object, [node])
  })

  after(async () => {
    await fleet.close()
  })

  async function get(of = object): Promise<Uint8Array | null> {
    const request = { get: { objectId: of.objectId, clientId: ship.clientId } }
    const answer = await ship.ask(node, 'envelope', { request, answer: envelopeGetAnswer })
    return answer.envelope
  }

  async function put(envelope: Uint8Array, clientId = ship.clientId): Promise<number> {
    const request = { put: { clientId, envelope } }
    const answer = await ship.ask(node, 'envelope', { request, answer: envelopePutAnswer })
    return answer.version
  }

  it('gives what was committed, and null for an unknown object', async () => {
    expect(Buffer.compare((await get())!, ship.envelopeOf(object))).to.equal(0)
    expect(await get(ship.object('unknown', 1))).to.equal(null)
  })

  it('takes a newer version, and the same again', async () => {
    const second = ship.envelopeOf(object, 2)
    expect(await put(second)).to.equal(2)
    expect(await put(second)).to.equal(2)
    expect(Buffer.compare((await get())!, second)).to.equal(0)
  })

  it('never goes back', async () => {
    await put(ship.envelopeOf(object, 5))
    const failure = await failureOf(put(ship.envelopeOf(object, 4)))
    expect(failure.code).to.equal('ENVELOPE_ROLLED_BACK')
    expect(failure.details).to.include({ heldVersion: 5, version: 4 })
  })

  it('lets the lower hash win between equal versions, whichever came first', async () => {
    const rivals = ['one', 'other'].map((mark) => ship.envelopeOf(object, 2, mark))
    rivals.sort((a, b) =>
      compareBytes(hashEnvelope(decodeEnvelope(a)), hashEnvelope(decodeEnvelope(b))),
    )
    const [lower, higher] = rivals
    await put(higher!)
    expect(await put(lower!)).to.equal(2)
    expect((await failureOf(put(higher!))).code).to.equal('ENVELOPE_CONFLICT')
    expect(Buffer.compare((await get())!, lower!)).to.equal(0)
  })

  it('refuses one that the client did not sign', async () => {
    const thief = await fleet.client(`thief ${count}`)
    thief.clientId = ship.clientId
    const failure = await failureOf(put(thief.envelopeOf(object, 9)))
    expect(failure.code).to.equal('SIGNATURE_INVALID')
    expect(Buffer.compare((await get())!, ship.envelopeOf(object))).to.equal(0)
  })

  it('refuses one of an object that it does not hold, or with another header', async () => {
    const elsewhere = ship.object('elsewhere', 10, 1)
    expect((await failureOf(put(ship.envelopeOf(elsewhere, 2)))).code).to.equal('OBJECT_NOT_FOUND')
    const wider = { ...object, copies: 2 }
    expect((await failureOf(put(ship.envelopeOf(wider, 2)))).code).to.equal('COMMIT_INVALID')
  })

  it('refuses what is no envelope', async () => {
    expect((await failureOf(put(keyOf('noise')))).code).to.equal('ENVELOPE_INVALID')
  })
})

import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { merkleRoot } from '@orlop/crypto/merkle'
import { ACK_MIN_BYTES } from '@orlop/protocol/limits'
import { progressFrame } from '@orlop/protocol/wire/common'
import { encodeFrame } from '@orlop/protocol/wire/frame'
import { storeDownstream } from '@orlop/protocol/wire/store'
import { Fleet, type FleetNode } from '../testkit/fleet.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { openFilesUnder } from '../testkit/open-files.ts'
import { next, type ScriptedClient, type TestObject } from '../testkit/scripted-client.ts'

describe('store', () => {
  let fleet: Fleet
  let first: FleetNode
  let ship: ScriptedClient

  beforeEach(async () => {
    fleet = new Fleet()
    first = await fleet.startNode('A01')
    ship = await fleet.client('ship')
  })

  afterEach(async () => {
    await fleet.close()
  })

  const keyOf = ({ objectId }: TestObject, clientId = ship.clientId) => ({
    objectId,
    clientId,
    index: 0,
  })

  async function begin(object: TestObject, client = ship) {
    const channel = await client.open(first.node, 'store')
    await channel.send(encodeFrame(keyOf(object)))
    return channel
  }

  it('takes the stream and computes its root', async () => {
    const object = ship.object('plain', 300_001, 1)
    await ship.reserve(object, [first.node])
    const root = await ship.store(object, first.node)
    expect(Buffer.compare(root, merkleRoot(object.bytes))).to.equal(0)
  })

  it('takes an empty stream', async () => {
    const object = ship.object('empty', 0, 1)
    await ship.offer(object, [first.node], { maxBytes: 1 })
    const root = await ship.store(object, first.node)
    expect(Buffer.compare(root, merkleRoot(new Uint8Array(0)))).to.equal(0)
  })

  it('continues from the durable offset after a broken connection', async () => {
    const object = ship.object('broken', 2_000_000, 1)
    await ship.reserve(object, [first.node])
    const channel = await begin(object)
    expect(await next(channel, progressFrame)).to.deep.equal({ durableBytes: 0 })
    for (let at = 0; at < 1_200_000; at += 60_000) {
      await channel.send(encodeFrame({ data: object.bytes.subarray(at, at + 60_000) }))
    }
    const { durableBytes } = await next(channel, progressFrame)
    expect(durableBytes).to.be.at.least(ACK_MIN_BYTES)
    fleet.network.break(ship.transport.peerId, first.node.peerId)
    const again = await begin(object)
    const resumed = await next(again, progressFrame)
    expect(resumed.durableBytes).to.be.at.least(durableBytes)
    await again.close()
    const root = await ship.store(object, first.node)
    expect(Buffer.compare(root, merkleRoot(object.bytes))).to.equal(0)
  })

  it('leaves no file open when the node stops at any moment of a store, and continues afterwards', async function () {
    const objects = []
    for (const turns of [0, 2, 4, 6, 8, 10, 15, 20, 30]) {
      // Another each time: what is durable of it already must not be sent again.
      const object = ship.object(`stopped after ${turns} turns`, 300_000, 1)
      objects.push(object)
      await ship.reserve(object, [first.node])
      const channel = await ship.open(first.node, 'store')
      const sent = [keyOf(object), { data: object.bytes.subarray(0, 60_000) }].map((frame) =>
        channel.send(encodeFrame(frame)).catch(() => undefined),
      )
      for (let turn = 0; turn < turns; turn++) await setImmediate()
      await fleet.stopNode('A01')
      await Promise.all(sent)
      const open = await openFilesUnder(first.home)
      if (open === null) {
        process.stdout.write('skipped: this system does not list open files\n')
        this.skip()
      }
      expect(open, `after ${turns} turns`).to.deep.equal([])
      first = await fleet.startNode('A01')
    }
    for (const object of objects) {
      const root = await ship.store(object, first.node)
      expect(Buffer.compare(root, merkleRoot(object.bytes))).to.equal(0)
    }
  })

  it('continues after the node was restarted', async () => {
    const object = ship.object('restarted', 1_500_000, 1)
    await ship.reserve(object, [first.node])
    const channel = await begin(object)
    await next(channel, progressFrame)
    for (let at = 0; at < 1_200_000; at += 60_000) {
      await channel.send(encodeFrame({ data: object.bytes.subarray(at, at + 60_000) }))
    }
    const { durableBytes } = await next(channel, progressFrame)
    await fleet.stopNode('A01')
    expect((await failureOf(drain(channel))).code).to.equal('NODE_UNREACHABLE')
    first = await fleet.startNode('A01')
    const again = await begin(object)
    expect((await next(again, progressFrame)).durableBytes).to.be.at.least(durableBytes)
    await again.close()
    const root = await ship.store(object, first.node)
    expect(Buffer.compare(root, merkleRoot(object.bytes))).to.equal(0)
  })

  it('reports what is durable when a slow sender pauses', async () => {
    const object = ship.object('slow', 5_000, 1)
    await ship.reserve(object, [first.node])
    const channel = await begin(object)
    await next(channel, progressFrame)
    await channel.send(encodeFrame({ data: object.bytes.subarray(0, 100) }))
    expect(await next(channel, progressFrame)).to.deep.equal({ durableBytes: 100 })
    await channel.close()
  })

  it('refuses more bytes than were reserved', async () => {
    const object = ship.object('more', 100_000, 1)
    await ship.offer(object, [first.node], { maxBytes: 50_000 })
    expect((await failureOf(ship.store(object, first.node))).code).to.equal('RESERVATION_EXCEEDED')
  })

  it('refuses a strip that was not reserved', async () => {
    const object = ship.object('unasked', 100, 1)
    expect((await failureOf(ship.store(object, first.node))).code).to.equal('RESERVATION_UNKNOWN')
  })

  it('refuses bytes for another client’s strip', async () => {
    const object = ship.object('hers', 100, 1)
    await ship.reserve(object, [first.node])
    const thief = await fleet.client('thief')
    const channel = await begin(object, thief)
    expect((await failureOf(next(channel, progressFrame))).code).to.equal('NOT_AUTHORIZED')
  })

  it('refuses a length that is not what arrived', async () => {
    const object = ship.object('miscounted', 1_000, 1)
    await ship.reserve(object, [first.node])
    const channel = await begin(object)
    await next(channel, progressFrame)
    await channel.send(encodeFrame({ data: object.bytes }))
    await channel.send(encodeFrame({ endBytes: 999 }))
    expect((await failureOf(drain(channel))).code).to.equal('MALFORMED_MESSAGE')
  })

  it('refuses frames of another form', async () => {
    const object = ship.object('malformed', 1_000, 1)
    await ship.reserve(object, [first.node])
    const channel = await begin(object)
    await next(channel, progressFrame)
    await channel.send(encodeFrame({ data: 'text' }))
    expect((await failureOf(drain(channel))).code).to.equal('MALFORMED_MESSAGE')
  })

  async function drain(channel: Awaited<ReturnType<typeof begin>>): Promise<never> {
    for (;;) await next(channel, storeDownstream)
  }
})

import { expect } from 'chai'
import { MAX_RESERVATIONS_PER_CLIENT, MAX_STREAMS_PER_PEER } from '@orlop/protocol/limits'
import { REFUSAL_REASONS } from '@orlop/protocol/messages/storing'
import { encodeFrame } from '@orlop/protocol/wire/frame'
import { relayHead } from '@orlop/protocol/wire/relay'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { Fleet, type FleetNode } from '@orlop/node/testkit/fleet'
import { next, type ScriptedClient } from '@orlop/node/testkit/scripted-client'
import type { FrameChannel } from '@orlop/transport/transport'

describe('adversary: a peer that floods', () => {
  let fleet: Fleet
  let flooded: FleetNode
  let flood: ScriptedClient
  let ship: ScriptedClient
  let count = 0

  beforeEach(async () => {
    fleet = new Fleet()
    flooded = await fleet.startNode('A01', { options: { relayReadsPerMinute: 30 } })
    flood = await fleet.client('flood')
    ship = await fleet.client('ship')
  })
  /** Whatever the flood did: another client is served as ever. */
  afterEach(async () => {
    const object = ship.object(`honest ${++count}`, 20_000, 1)
    expect((await ship.put(object, [flooded.node])).done).to.equal('stored')
    const bytes = await ship.fetch(object, flooded.node, { index: 0 })
    expect(Buffer.compare(bytes, object.bytes)).to.equal(0)
    await fleet.close()
  })

  it('of offers gets so many reservations and no more', async () => {
    for (let offer = 0; offer < MAX_RESERVATIONS_PER_CLIENT; offer++) {
      await flood.reserve(flood.object(`hoard ${offer}`, 100, 1), [flooded.node])
    }
    const answer = await flood.offer(flood.object('one more', 100, 1), [flooded.node])
    expect(answer).to.have.nested.property(
      'refusal.message.reasonCode',
      REFUSAL_REASONS['too-many-reservations'],
    )
  })

  it('of offers cannot promise the disk to itself twice over', async () => {
    const free = 64 * 1024 * 1024
    const big = (label: string) =>
      flood.offer(flood.object(label, 0, 1), [flooded.node], { maxBytes: free - 100_000 })
    expect(await big('all of it')).to.have.property('reservations')
    expect(await big('all of it again')).to.have.nested.property(
      'refusal.message.reasonCode',
      REFUSAL_REASONS['node-full'],
    )
  })

  it('of streams is served so many at a time', async () => {
    const open: FrameChannel[] = []
    const object = flood.object('streams', 1_000, 1)
    await flood.reserve(object, [flooded.node])
    const failures: string[] = []
    for (let stream = 0; stream < MAX_STREAMS_PER_PEER + 8; stream++) {
      const channel = await flood.open(flooded.node, 'fetch').catch((error: unknown) => {
        failures.push((error as { code: string }).code)
      })
      if (channel !== undefined) open.push(channel)
    }
    const heard = await Promise.all(
      open
        .slice(MAX_STREAMS_PER_PEER)
        .map((channel) => failureOf(next(channel, relayHead)).then(({ code }) => code)),
    )
    expect([...failures, ...heard]).to.have.length(8)
    for (const code of [...failures, ...heard]) expect(code).to.equal('PEER_LIMIT')
    for (const channel of open) channel.abort(new Error('end of the test'))
  })

  it('of ledger reads is answered so many a minute', async () => {
    const read = () =>
      flood.ask(flooded.node, 'relay', { request: { head: true }, answer: relayHead })
    const codes = new Set<string>()
    for (let time = 0; time < 60; time++) {
      await read().catch((error: unknown) => codes.add((error as { code: string }).code))
    }
    expect([...codes]).to.deep.equal(['PEER_LIMIT'])
  })

  it('of bytes beyond its reservation leaves nothing on the disk', async () => {
    const object = flood.object('swollen', 100_000, 1)
    await flood.offer(object, [flooded.node], { maxBytes: 50_000 })
    const channel = await flood.open(flooded.node, 'store')
    const key = { objectId: object.objectId, clientId: flood.clientId, index: 0 }
    await channel.send(encodeFrame(key))
    await channel.send(encodeFrame({ data: object.bytes }))
    const failure = await failureOf(
      (async () => {
        for (;;) await next(channel, relayHead.or(relayHead))
      })(),
    )
    expect(failure.code).to.be.oneOf(['RESERVATION_EXCEEDED', 'MALFORMED_MESSAGE'])
    const staged = await flooded.node.storage!.strips.find(key)
    expect(staged).to.equal(null)
  })
})

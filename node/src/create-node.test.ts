import { expect } from 'chai'
import fc from 'fast-check'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { MemoryLedger } from '@orlop/contracts/memory-ledger'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { decodeFrame, type Verb } from '@orlop/protocol/wire/frame'
import { nodeStatus } from '@orlop/protocol/wire/status'
import { relayAccepted } from '@orlop/protocol/wire/relay'
import { z } from 'zod'
import { Fleet, type FleetNode } from './testkit/fleet.ts'
import { accountOf } from './testkit/test-keys.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { present, ScriptedClient } from './testkit/scripted-client.ts'

describe('storage nodes', () => {
  let fleet: Fleet
  let nodes: FleetNode[]
  let ship: ScriptedClient

  beforeEach(async () => {
    fleet = new Fleet()
    nodes = []
    for (const name of ['A01', 'A02', 'A03']) nodes.push(await fleet.startNode(name))
    ship = await fleet.client('ship')
  })

  afterEach(async () => {
    await fleet.close()
  })

  const stores = () => nodes.map(({ node }) => node)
  const first = () => present(nodes[0])

  it('store, spread and give back an object', async () => {
    const object = ship.object('first', 1_500_000)
    const { done, acks } = await ship.put(object, stores())
    expect(done).to.equal('stored')
    expect([...acks.keys()].sort()).to.deep.equal([0, 1, 2])
    for (const [index, node] of stores().entries()) {
      const bytes = await ship.fetch(object, node, { index })
      expect(Buffer.compare(bytes, object.bytes)).to.equal(0)
    }
  })

  it('take many objects at the same time', async () => {
    const objects = Array.from({ length: 12 }, (_, index) => ship.object(`many ${index}`, 20_000))
    const outcomes = await Promise.all(objects.map((object) => ship.put(object, stores())))
    expect(outcomes.map(({ done }) => done)).to.deep.equal(objects.map(() => 'stored'))
  })

  it('register on the ledger, and keep their id over restarts', async () => {
    const { node } = first()
    const before = node.nodeId
    const record = present(await fleet.admin.node(before))
    expect(record).to.include({ name: 'A01', peerId: node.peerId, tier: 'heavy' })
    expect(record.addresses).to.deep.equal(node.addresses)
    await fleet.stopNode('A01')
    const again = await fleet.startNode('A01', { options: { name: 'A01 renamed' } })
    expect(again.node.nodeId).to.equal(before)
    expect((await fleet.admin.node(before))?.name).to.equal('A01 renamed')
  })

  it('start and stop as often as asked', async () => {
    const { node } = first()
    await node.start()
    await node.stop()
    await node.stop()
    await node.start()
    expect(node.nodeId).to.be.above(0)
  })

  it('refuse to share a home', async () => {
    const second = fleet.createNode('A01', first().home)
    const failure = await failureOf(second.node.start())
    expect(failure.code).to.equal('HOME_LOCKED')
    const asked = { request: { node: true }, answer: nodeStatus }
    expect((await ship.ask(first().node, 'status', asked)).nodeId).to.equal(first().node.nodeId)
  })

  it('refuse options that cannot be', () => {
    expect(() => fleet.createNode('A09', '', { options: { capacityBytes: -1 } }))
      .to.throw()
      .with.property('code', 'CONFIG_INVALID')
  })

  it('refuse a ledger that is another one', async () => {
    const other = new MemoryLedger({ admin: accountOf('A01'), chainId: 99 })
    const stranger = await fleet.startNode('A04', {
      dependencies: { chain: new MemoryChainClient(other, accountOf('A04')) },
    })
    const failure = await failureOf(ship.connect(stranger.node))
    expect(failure.code).to.equal('LEDGER_MISMATCH')
    expect(failure.message).to.contain('chain 1337').and.to.contain('chain 99')
  })

  it('serve on while the ledger is away, keep receipts, and record them when it is back', async () => {
    const object = ship.object('outage', 30_000)
    await ship.reserve(ship.object('before', 10), stores())
    fleet.ledger.setOutage(true)
    const { done } = await ship.put(object, stores())
    expect(done).to.equal('stored')
    const failing = present(first().node.storage)
    expect(failing.outbox.waiting).to.equal(1)
    const report = await first().node.health()
    expect(report.ledger.ok).to.equal(false)
    expect(report.ok).to.equal(false)
    const recorded = new Promise((resolve) => {
      failing.outbox.subscribe((event) => {
        if (event.kind === 'recorded') resolve(event)
      })
    })
    fleet.ledger.setOutage(false)
    await failing.outbox.flush()
    await recorded
  })

  it('take a registration while the ledger is away, and put it there later', async () => {
    const newcomer = await ScriptedClient.create({ name: 'newcomer', fleet })
    newcomer.role = 'guest'
    const impatient = await fleet.startNode('A04', { options: { registrationWaitMs: 1 } })
    const peer = await newcomer.connect(impatient.node)
    fleet.ledger.setOutage(true)
    const asked = { request: { registerClient: newcomer.registration }, answer: relayAccepted }
    expect(await newcomer.ask(impatient.node, 'relay', asked)).to.deep.equal({ accepted: true })
    const relayed = new Promise<void>((resolve) => {
      present(impatient.node.storage).relay.subscribe((event) => {
        if (event.kind === 'relayed') resolve()
      })
    })
    fleet.ledger.setOutage(false)
    await relayed
    expect((await fleet.admin.clientBySigner(newcomer.account))?.name).to.equal('newcomer')
    await peer.close()
    await newcomer.stop()
  })

  it('start and serve with what they knew while the ledger is away', async () => {
    const object = ship.object('known', 5_000, 1)
    await ship.put(object, [first().node])
    await fleet.stopNode('A01')
    fleet.ledger.setOutage(true)
    const again = fleet.createNode('A01', first().home)
    await again.node.start()
    expect(again.node.nodeId).to.equal(1)
    const bytes = await ship.fetch(object, again.node, { index: 0 })
    expect(bytes.length).to.equal(5_000)
    fleet.ledger.setOutage(false)
    await again.node.stop()
  })

  it('admit newcomers when their operator made them the master', async () => {
    await fleet.stopNode('A01')
    await fleet.startNode('A01', {
      options: { claimMaster: true, admitClients: 'all', admitNodes: 'all', admissionMs: 2 },
    })
    expect((await fleet.admin.node(1))?.isMaster).to.equal(true)
    const newcomer = await fleet.client('newcomer', { admitted: false })
    const node = fleet.createNode('A05', `${first().home}/A05`)
    await node.node.start()
    await eventually(async () => {
      const client = await fleet.admin.client(newcomer.clientId)
      const record = await fleet.admin.node(node.node.nodeId)
      return client?.state === 'admitted' && record?.state === 'admitted'
    })
    await node.node.stop()
  })

  it('report their health', async () => {
    const report = await first().node.health()
    expect(report).to.deep.include({ ok: true, nodeId: 1, state: 'admitted', ledger: { ok: true } })
    expect(report.disk.freeBytes).to.be.above(0)
  })

  it('answer malformed requests with a typed error, and go on', async () => {
    const verbs = 'offer store spread commit fetch status envelope remove relay'.split(
      ' ',
    ) as Verb[]
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .dictionary(fc.string({ maxLength: 12 }), fc.oneof(fc.integer(), fc.string(), fc.boolean()))
        .map((value) => encodeCbor(value)),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...verbs), frames, async (verb, frame) => {
        const channel = await ship.open(first().node, verb)
        await channel.send(frame)
        const answer = await channel.receive()
        const failure = await failureOf(
          Promise.resolve().then(() => decodeFrame(z.never(), present(answer))),
        )
        expect(failure.code).to.be.oneOf(['MALFORMED_MESSAGE', 'OBJECT_NOT_FOUND'])
        await channel.close()
      }),
      { numRuns: 150 },
    )
    const asked = { request: { node: true }, answer: nodeStatus }
    expect((await ship.ask(first().node, 'status', asked)).accepting).to.equal(true)
  })
})

/** Resolves when `isSo` says so; asks again at every turn of the event loop. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}

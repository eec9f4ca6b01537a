import { expect } from 'chai'
import type { CborValue } from '@orlop/crypto/format/cbor'
import { decodeCbor } from '@orlop/crypto/format/cbor'
import { OrlopError } from '@orlop/protocol/errors'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import type { Verb } from '@orlop/protocol/wire/frame'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { Fleet, type FleetNode } from '@orlop/node/testkit/fleet'
import type { ScriptedClient, TestObject } from '@orlop/node/testkit/scripted-client'
import { readAll, sampleBytes, SdkFleet } from '../testkit/sdk-fleet.ts'

describe('adversary: somebody on the network who replays', () => {
  let fleet: Fleet
  let nodes: FleetNode[]
  let ship: ScriptedClient
  let attacker: ScriptedClient
  let object: TestObject
  const recorded: { verb: Verb; frame: Uint8Array }[] = []

  before(async () => {
    fleet = new Fleet()
    nodes = [await fleet.startNode('A01'), await fleet.startNode('A02')]
    ship = await fleet.client('ship')
    attacker = await fleet.client('attacker')
    object = ship.object('replayed', 3_000, 2)
    const { peerId } = ship.transport
    fleet.network.onFrame = ({ from, verb, frame }) => {
      if (from === peerId) recorded.push({ verb, frame })
      return Promise.resolve()
    }
    await ship.put(object, [nodes[0]!.node, nodes[1]!.node])
    fleet.network.onFrame = () => Promise.resolve()
  })
  after(() => fleet.close())

  for (const verb of ['offer', 'store', 'commit'] as const) {
    it(`gets nothing for the ship's own ${verb}, sent again over a connection of its own`, async () => {
      const frames = recorded.filter((one) => one.verb === verb)
      expect(frames).not.to.have.length(0)
      for (const { node } of nodes) {
        const channel = await attacker.open(node, verb)
        await channel.send(frames[0]!.frame)
        const failure = await failureOf(channel.receive().then((answer) => answerOrThrow(answer)))
        expect(failure).to.be.instanceOf(OrlopError)
        expect(failure.code).to.be.oneOf([
          'NOT_AUTHORIZED',
          'SIGNATURE_INVALID',
          'RESERVATION_UNKNOWN',
          'MALFORMED_MESSAGE',
          'COMMIT_INVALID',
        ])
      }
    })
  }

  it('changes nothing by it: one receipt for each strip, and the bytes are the ship’s', async () => {
    await fleet.admin.head()
    for (const [index, { node }] of nodes.entries()) {
      const bytes = await ship.fetch(object, node, { index })
      expect(Buffer.compare(bytes, object.bytes)).to.equal(0)
    }
    const { objectId } = object
    const owners = (await Array.fromAsync(fleet.admin.receipts({ objectId }))).map(
      ({ clientId }) => clientId,
    )
    expect(owners.every((clientId) => clientId === ship.clientId)).to.equal(true)
    expect(owners.length).to.be.at.most(2)
  })

  it('cannot have an answered offer answered with other numbers', async () => {
    const reservations = await ship.reserve(ship.object('asked twice', 100, 2), [
      nodes[0]!.node,
      nodes[1]!.node,
    ])
    const again = await ship.reserve(ship.object('asked twice', 100, 2), [
      nodes[0]!.node,
      nodes[1]!.node,
    ])
    const numbers = (list: typeof again) => list.map(({ message }) => message.sequence)
    expect(numbers(again)).to.deep.equal(numbers(reservations))
  })

  function answerOrThrow(answer: Uint8Array | null): void {
    if (answer === null) throw new OrlopError('NOT_AUTHORIZED', 'ended without an answer')
    const value = decodeCbor(answer, { maxBytes: MAX_FRAME_BYTES }) as Record<string, CborValue>
    const { error } = value as { error?: { code: 'INTERNAL'; message: string } }
    if (error !== undefined) throw new OrlopError(error.code, error.message)
  }
})

describe('adversary: somebody on the network who cuts', () => {
  let fleet: SdkFleet

  beforeEach(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
  })
  afterEach(() => fleet.close())

  it('at every single frame of an upload only delays it, and never makes two objects of it', async () => {
    const { client, transport } = await fleet.client()
    const bytes = sampleBytes(120_000)
    const cut = new Set<string>()
    // Whichever frame it is: the first time it is sent, the connection breaks.
    fleet.network.onFrame = ({ from, to, verb, frame }) => {
      const isOurs = from === transport.peerId || to === transport.peerId
      const mark = `${verb} ${from === transport.peerId ? 'out' : 'in'} ${frame.length >> 12}`
      if (!isOurs || verb === 'hello' || cut.has(mark)) return Promise.resolve()
      cut.add(mark)
      fleet.network.break(from, to)
      return Promise.reject(new OrlopError('NODE_UNREACHABLE', 'cut by the test'))
    }
    const overrides = { codec: 'stored' } as const
    const result = await client.store({ source: { bytes }, name: 'x', overrides })
    fleet.network.onFrame = () => Promise.resolve()
    expect(cut.size).to.be.at.least(5)
    const { stream } = await client.retrieve({ objectId: result.objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
    await client.await({ objectId: result.objectId, state: 'recorded' })
    const receipts = await Array.fromAsync(fleet.reader().receipts({}))
    expect(new Set(receipts.map(({ objectId }) => objectId.join())).size).to.equal(1)
  })

  it('never makes a cut answer look like a whole one', async () => {
    const { client, transport } = await fleet.client()
    const bytes = sampleBytes(300_000)
    const overrides = { codec: 'stored' } as const
    const { objectId } = await client.store({ source: { bytes }, name: 'x', overrides })
    for (const afterBytes of [1, 5_000, 70_000, 200_000, 299_999]) {
      for (const { peerId } of await client.nodes()) {
        fleet.network.breakAfter(peerId, transport.peerId, afterBytes)
      }
      const whole = client.retrieve({ objectId }).then(({ stream }) => readAll(stream))
      const got = await whole.catch((error: unknown) => error)
      // Every copy was cut: the bytes, all of them, or that no node can be reached.
      if (got instanceof OrlopError) expect(got.code).to.equal('NODE_UNREACHABLE')
      else expect(Buffer.compare(got as Uint8Array, bytes)).to.equal(0)
    }
    const { stream } = await client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  })

  it('cannot pass its own ledger off for the real one', async () => {
    const { deployment } = fleet.fleet.ledger
    for (const other of [
      { ...deployment, chainId: deployment.chainId + 1 },
      { ...deployment, registry: deployment.credit },
    ]) {
      const failure = await failureOf(fleet.guest({ deployment: other }))
      expect(failure.code).to.equal('LEDGER_MISMATCH')
    }
  })
})

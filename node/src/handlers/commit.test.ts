import { expect } from 'chai'
import type { SignedCommit } from '@orlop/protocol/messages/storing'
import { equalConstantTime as equal } from '@orlop/crypto/bytes'
import { ackType, commitType } from '@orlop/protocol/messages/storing'
import { assertSignedBy, digestOf } from '@orlop/protocol/typed-message'
import { commitEvent } from '@orlop/protocol/wire/commit'
import { encodeFrame } from '@orlop/protocol/wire/frame'
import { objectStatus } from '@orlop/protocol/wire/status'
import type { StorageNode } from '../create-node.ts'
import { Fleet } from '../testkit/fleet.ts'
import { accountOf, keyOf } from '../testkit/test-keys.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { next, present, type ScriptedClient, type TestObject } from '../testkit/scripted-client.ts'

describe('commit', () => {
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

  /** An object whose bytes are at the ingress node, and its good commits. */
  async function stored(label: string, lengthBytes = 70_000) {
    const object = ship.object(label, lengthBytes)
    const reservations = await ship.reserve(object, nodes)
    await ship.store(object, nodes[0]!)
    const commits = reservations.map((reservation) => ship.commitOf(object, reservation))
    return { object, reservations, commits }
  }

  async function refusal(
    object: TestObject,
    commits: SignedCommit[],
    options: { envelope?: Uint8Array; client?: ScriptedClient } = {},
  ): Promise<string> {
    const channel = await (options.client ?? ship).open(nodes[0]!, 'commit')
    const envelope = options.envelope ?? ship.envelopeOf(object)
    await channel.send(encodeFrame({ commits, envelope }))
    const failure = await failureOf(next(channel, commitEvent))
    const fetched = await failureOf(ship.fetch(object, nodes[0]!, { index: 0 }))
    expect(fetched.code, 'nothing half-visible').to.equal('OBJECT_NOT_FOUND')
    return failure.code
  }

  it('brings every node’s own Ack of the very commit', async () => {
    const { object, commits } = await stored('acks')
    const { acks, done } = await ship.commit(object, nodes[0]!, commits)
    expect(done).to.equal('stored')
    for (const { message } of commits) {
      const ack = present(acks.get(message.index))
      const digest = digestOf(commitType, fleet.ledger.deployment, message)
      expect(Buffer.compare(ack.message.commitHash, digest)).to.equal(0)
      const account = accountOf(`A0${nodes.findIndex((n) => n.nodeId === message.nodeId) + 1}`)
      assertSignedBy(ackType, fleet.ledger.deployment, ack, account)
    }
  })

  it('is answered with the same Acks when it is replayed', async () => {
    const { object, commits } = await stored('replay')
    const first = await ship.commit(object, nodes[0]!, commits)
    const second = await ship.commit(object, nodes[0]!, commits)
    expect(second.done).to.equal('stored')
    const inOrder = (acks: typeof first.acks) => [0, 1, 2].map((index) => acks.get(index))
    expect(inOrder(second.acks)).to.deep.equal(inOrder(first.acks))
  })

  it('puts each receipt on the ledger, once', async () => {
    const { object, commits } = await stored('receipts')
    const recorded = nodes.map(
      (node) =>
        new Promise((resolve) => {
          node.storage!.outbox.subscribe((event) => {
            if (event.kind === 'recorded' && equal(event.objectId, object.objectId)) resolve(event)
          })
        }),
    )
    await ship.commit(object, nodes[0]!, commits)
    await Promise.all(recorded)
    const receipts = []
    for await (const one of fleet.admin.receipts({ objectId: object.objectId })) receipts.push(one)
    expect(receipts.map(({ nodeId }) => nodeId).sort()).to.deep.equal(
      nodes.map(({ nodeId }) => nodeId).sort(),
    )
  })

  it('is refused when another key signed it', async () => {
    const { object, commits } = await stored('forged')
    const thief = await fleet.client('thief')
    const forged = commits.map(({ message }) => thief.sign(commitType, message))
    expect(await refusal(object, forged)).to.equal('SIGNATURE_INVALID')
  })

  it('is refused when a field was changed after signing', async () => {
    const { object, commits } = await stored('changed')
    const changed = commits.map(({ message, signature }) => ({
      message: { ...message, flags: 1 },
      signature,
    }))
    expect(await refusal(object, changed)).to.equal('SIGNATURE_INVALID')
  })

  it('leaves no envelope behind when nothing was reserved', async () => {
    const { reservations } = await stored('reserved')
    const object = ship.object('not reserved', 1000)
    const commits = reservations.map((reservation) => ship.commitOf(object, reservation))
    expect(await refusal(object, commits)).to.equal('RESERVATION_UNKNOWN')
    const key = { objectId: object.objectId, clientId: ship.clientId }
    expect(await present(nodes[0]!.storage).envelopes.find(key)).to.equal(null)
  })

  it('is refused from another client', async () => {
    const { object, commits } = await stored('passed on')
    const thief = await fleet.client('carrier')
    expect(await refusal(object, commits, { client: thief })).to.equal('NOT_AUTHORIZED')
  })

  it('is refused for another root than the bytes have', async () => {
    const { object, reservations } = await stored('other root')
    const commits = reservations.map((one) => ship.commitOf(object, one, { root: keyOf('x') }))
    expect(await refusal(object, commits)).to.equal('COMMIT_INVALID')
  })

  it('is refused for another object than was stored', async () => {
    const { reservations } = await stored('this object')
    const other = ship.object('other object', 70_000)
    const commits = reservations.map((reservation) => ship.commitOf(other, reservation))
    expect(await refusal(other, commits)).to.equal('RESERVATION_UNKNOWN')
  })

  it('is refused for another receipt number than was reserved', async () => {
    const { object, reservations } = await stored('other number')
    const commits = reservations.map((one) =>
      ship.commitOf(object, one, { sequence: one.message.sequence + 50 }),
    )
    expect(await refusal(object, commits)).to.equal('RESERVATION_UNKNOWN')
  })

  it('is refused for more bytes than were reserved', async () => {
    const { object, reservations } = await stored('longer')
    const commits = reservations.map((one) => ship.commitOf(object, one, { streamBytes: 70_001 }))
    expect(await refusal(object, commits)).to.equal('RESERVATION_EXCEEDED')
  })

  it('is refused with fewer bytes than arrived', async () => {
    const { object, reservations } = await stored('shorter')
    const commits = reservations.map((one) => ship.commitOf(object, one, { streamBytes: 69_999 }))
    expect(await refusal(object, commits)).to.equal('COMMIT_INVALID')
  })

  it('is refused for other terms than were offered', async () => {
    const { object, reservations } = await stored('terms')
    const later = { expiry: object.expiry + 1 }
    const passed = { expiry: 1_000 }
    for (const changes of [later, passed, { classCode: 5 }]) {
      const commits = reservations.map((one) => ship.commitOf(object, one, changes))
      expect(await refusal(object, commits)).to.equal('COMMIT_INVALID')
    }
  })

  it('is refused unless it is about every strip once, at different nodes', async () => {
    const { object, commits, reservations } = await stored('incomplete')
    const [zero, one, two] = commits
    const twice = ship.commitOf(object, reservations[2]!, {
      nodeId: reservations[1]!.message.nodeId,
    })
    const mixed = ship.commitOf(ship.object('third', 70_000), reservations[2]!)
    const otherK = commits.map((_, place) =>
      ship.commitOf(object, reservations[place]!, { k: 3, m: 0 }),
    )
    for (const bad of [
      [zero!, one!],
      [zero!, one!, one!],
      [zero!, one!, twice],
      [zero!, one!, mixed],
      [one!, two!],
      otherK,
    ]) {
      expect(await refusal(object, bad)).to.equal('COMMIT_INVALID')
    }
  })

  it('is refused beside an envelope that is not the client’s, or of another object', async () => {
    const { object, commits } = await stored('envelope')
    const thief = await fleet.client('envelope thief')
    thief.clientId = ship.clientId
    const foreign = thief.envelopeOf(object)
    const other = ship.envelopeOf(ship.object('elsewhere', 1))
    expect(await refusal(object, commits, { envelope: foreign })).to.equal('SIGNATURE_INVALID')
    expect(await refusal(object, commits, { envelope: other })).to.equal('COMMIT_INVALID')
    expect(await refusal(object, commits, { envelope: new Uint8Array(40) })).to.equal(
      'ENVELOPE_INVALID',
    )
  })

  it('leaves the object to be committed rightly after a wrong commit', async () => {
    const { object, reservations, commits } = await stored('second try')
    const wrong = reservations.map((one) => ship.commitOf(object, one, { root: keyOf('x') }))
    expect(await refusal(object, wrong)).to.equal('COMMIT_INVALID')
    expect((await ship.commit(object, nodes[0]!, commits)).done).to.equal('stored')
  })

  it('shows in the object’s status how far every strip is', async () => {
    const object = ship.object('status', 20_000)
    const status = () =>
      ship.ask(nodes[0]!, 'status', {
        request: { object: { objectId: object.objectId, clientId: ship.clientId } },
        answer: objectStatus,
      })
    expect((await status()).strips).to.deep.equal([])
    const reservations = await ship.reserve(object, nodes)
    expect((await status()).strips.map(({ state }) => state)).to.deep.equal(['reserved'])
    await ship.store(object, nodes[0]!)
    expect((await status()).strips).to.deep.equal([
      { index: 0, nodeId: nodes[0]!.nodeId, state: 'staged', durableBytes: 20_000 },
    ])
    await ship.commit(
      object,
      nodes[0]!,
      reservations.map((reservation) => ship.commitOf(object, reservation)),
    )
    const { strips, envelopeVersion } = await status()
    expect(envelopeVersion).to.equal(1)
    expect(strips.map(({ index }) => index)).to.deep.equal([0, 1, 2])
    expect(strips[0]!.state).to.be.oneOf(['stored', 'recorded', 'final'])
    expect(strips.slice(1).map(({ state }) => state)).to.deep.equal(['stored', 'stored'])
  })
})

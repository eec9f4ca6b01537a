import { expect } from 'chai'
import type { Peer } from '@orlop/transport/transport'
import { createMemoryTransport } from '@orlop/transport/memory-transport'
import { commitEvent } from '@orlop/protocol/wire/commit'
import { encodeFrame } from '@orlop/protocol/wire/frame'
import { progressFrame } from '@orlop/protocol/wire/common'
import { storeDownstream } from '@orlop/protocol/wire/store'
import { releaseAnswer, reserveAnswer, stripDownstream } from '@orlop/protocol/wire/spread'
import { Fleet, type FleetNode } from '../testkit/fleet.ts'
import { keyOf } from '../testkit/test-keys.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { next, type ScriptedClient, type TestObject } from '../testkit/scripted-client.ts'

describe('spread', () => {
  let fleet: Fleet
  let nodes: FleetNode[]
  let ship: ScriptedClient

  beforeEach(async () => {
    fleet = new Fleet()
    nodes = []
    for (const name of ['A01', 'A02', 'A03', 'A04']) nodes.push(await fleet.startNode(name))
    ship = await fleet.client('ship')
  })

  afterEach(async () => {
    await fleet.close()
  })

  const three = () => nodes.slice(0, 3).map(({ node }) => node)

  async function committable(label: string, lengthBytes: number) {
    const object = ship.object(label, lengthBytes)
    const reservations = await ship.reserve(object, three())
    await ship.store(object, nodes[0]!.node)
    const commits = reservations.map((reservation) => ship.commitOf(object, reservation))
    return { object, reservations, commits }
  }

  async function assertGives(object: TestObject, { node }: FleetNode, index: number) {
    const bytes = await ship.fetch(object, node, { index })
    expect(Buffer.compare(bytes, object.bytes)).to.equal(0)
  }

  it('continues, after its connection broke, where the target’s disk ends', async () => {
    const { object, commits } = await committable('cut', 6_000_000)
    fleet.network.breakAfter(nodes[0]!.node.peerId, nodes[1]!.node.peerId, 4_000_000)
    const sent = countFrames('spread')
    const { done } = await ship.commit(object, nodes[0]!.node, commits)
    expect(done).to.equal('stored')
    // Two strips of 6 MB and less than 3 MB sent a second time.
    expect(sent.bytes).to.be.below(15_500_000)
    await assertGives(object, nodes[1]!, 1)
  })

  it('brings a long strip to its node while the client still sends it, and nothing of it a second time', async () => {
    const object = ship.object('ahead', 6_000_000)
    const reservations = await ship.reserve(object, three())
    const bothHaveAll = Promise.withResolvers<undefined>()
    let answers = 0
    const sent = countFrames('spread', (frame) => {
      if (Buffer.from(frame).includes('storedBytes') && ++answers === 2) {
        bothHaveAll.resolve(undefined)
      }
    })
    await ship.store(object, nodes[0]!.node)
    await bothHaveAll.promise
    expect(sent.bytes).to.be.within(12_000_000, 12_100_000)
    const commits = reservations.map((reservation) => ship.commitOf(object, reservation))
    const { done } = await ship.commit(object, nodes[0]!.node, commits)
    expect(done).to.equal('stored')
    expect(sent.bytes).to.be.below(12_100_000)
    await assertGives(object, nodes[1]!, 1)
    await assertGives(object, nodes[2]!, 2)
  })

  it('takes a long strip from the client also while its other nodes are away', async () => {
    const object = ship.object('alone', 6_000_000)
    const reservations = await ship.reserve(object, three())
    await fleet.stopNode('A02')
    await fleet.stopNode('A03')
    await ship.store(object, nodes[0]!.node)
    nodes[1] = await fleet.startNode('A02')
    nodes[2] = await fleet.startNode('A03')
    const commits = reservations.map((reservation) => ship.commitOf(object, reservation))
    expect((await ship.commit(object, nodes[0]!.node, commits)).done).to.equal('stored')
    await assertGives(object, nodes[1], 1)
  })

  it('has a target that went away replaced with the client’s agreement', async () => {
    const { object, commits } = await committable('replaced', 40_000)
    await fleet.stopNode('A02')
    const { done, commits: final } = await ship.commit(object, nodes[0]!.node, commits)
    expect(done).to.equal('stored')
    expect(final.map(({ message }) => message.nodeId)).to.include(nodes[3]!.node.nodeId)
    await assertGives(object, nodes[3]!, 1)
  })

  it('says held when nobody can take a strip, and goes on by itself when its node is back', async () => {
    const { object, commits } = await committable('held', 40_000)
    await fleet.stopNode('A02')
    await fleet.stopNode('A04')
    const { done, acks } = await ship.commit(object, nodes[0]!.node, commits)
    expect(done).to.equal('held')
    expect([...acks.keys()].sort()).to.deep.equal([0, 2])
    nodes[1] = await fleet.startNode('A02')
    const again = await ship.commit(object, nodes[0]!.node, commits)
    expect(again.done).to.equal('stored')
    await assertGives(object, nodes[1], 1)
  })

  it('continues after the ingress node was restarted, without the client', async () => {
    const { object, commits } = await committable('restart', 40_000)
    await fleet.stopNode('A02')
    await fleet.stopNode('A04')
    await ship.commit(object, nodes[0]!.node, commits)
    await fleet.stopNode('A01')
    nodes[1] = await fleet.startNode('A02')
    const arrived = new Promise((resolve) => {
      nodes[1]!.node.storage!.outbox.subscribe((event) => {
        if (event.kind === 'recorded') resolve(event)
      })
    })
    nodes[0] = await fleet.startNode('A01')
    await arrived
    await assertGives(object, nodes[1], 1)
  })

  it('throws away bytes that are not those of the root, and takes the right ones then', async () => {
    const { object, reservations } = await committable('damaged', 90_000)
    const commit = ship.commitOf(object, reservations[1]!)
    const channel = await impostor('A01').then((peer) => peer.open('spread'))
    await channel.send(encodeFrame({ strip: { commit, envelope: ship.envelopeOf(object) } }))
    expect(await next(channel, progressFrame)).to.deep.equal({ durableBytes: 0 })
    const wrong = object.bytes.slice()
    wrong[70_000]! ^= 1
    await channel.send(encodeFrame({ data: wrong }))
    await channel.send(encodeFrame({ endBytes: wrong.length }))
    const failure = await failureOf(
      (async () => {
        for (;;) await next(channel, stripDownstream)
      })(),
    )
    expect(failure.code).to.equal('STRIP_DAMAGED')
    const commits = reservations.map((reservation) => ship.commitOf(object, reservation))
    expect((await ship.commit(object, nodes[0]!.node, commits)).done).to.equal('stored')
    await assertGives(object, nodes[1]!, 1)
  })

  it('takes requests for an object only from the ingress node the client chose', async () => {
    const object = ship.object('chosen', 100)
    const offer = ship.offerOf(object, three())
    const reservations = await ship.reserve(object, three())
    const stranger = await impostor('A03')
    const key = { objectId: object.objectId, clientId: ship.clientId, index: 1 }
    const commit = ship.commitOf(object, reservations[1]!)
    const bad = [
      { request: { reserve: { offer, index: 1 } }, answer: reserveAnswer },
      { request: { release: key }, answer: releaseAnswer },
      { request: { ahead: key }, answer: storeDownstream },
      {
        request: { strip: { commit, envelope: ship.envelopeOf(object) } },
        answer: stripDownstream,
      },
    ]
    for (const { request, answer } of bad) {
      const channel = await stranger.open('spread')
      await channel.send(encodeFrame(request))
      expect((await failureOf(next<unknown>(channel, answer))).code).to.equal('NOT_AUTHORIZED')
    }
  })

  it('is not served to clients', async () => {
    const channel = await ship.open(nodes[1]!.node, 'spread')
    const key = { objectId: keyOf('x'), clientId: ship.clientId, index: 1 }
    await channel.send(encodeFrame({ release: key }))
    expect((await failureOf(next(channel, releaseAnswer))).code).to.equal('NOT_AUTHORIZED')
  })

  it('gives an unused reservation back', async () => {
    const object = ship.object('released', 100)
    await ship.reserve(object, three())
    const peer = await impostor('A01')
    const key = { objectId: object.objectId, clientId: ship.clientId, index: 1 }
    for (const released of [true, false]) {
      const channel = await peer.open('spread')
      await channel.send(encodeFrame({ release: key }))
      expect(await next(channel, releaseAnswer)).to.deep.equal({ released })
    }
  })

  it('refuses a further commit that is not for the substitute', async () => {
    const { object, commits } = await committable('wrong substitute', 1_000)
    await fleet.stopNode('A02')
    const channel = await ship.open(nodes[0]!.node, 'commit')
    await channel.send(encodeFrame({ commits, envelope: ship.envelopeOf(object) }))
    for (;;) {
      const event = await next(channel, commitEvent)
      if ('replaced' in event) break
    }
    await channel.send(encodeFrame({ commit: commits[1]! }))
    const failure = await failureOf(
      (async () => {
        for (;;) await next(channel, commitEvent)
      })(),
    )
    expect(failure.code).to.equal('COMMIT_INVALID')
  })

  /** A connection to A02 with the keys of another node, whose own process is stopped for it. */
  async function impostor(name: string): Promise<Peer> {
    const place = Number(name.slice(2)) - 1
    const { peerId, nodeId } = nodes[place]!.node
    const transport = await createMemoryTransport({
      network: fleet.network,
      peerSeed: keyOf(`${name} peer`),
      admit: () => Promise.resolve(),
      self: () => ({
        role: 'node',
        id: nodeId,
        signingKey: keyOf(`${name} ledger`),
        deployment: fleet.ledger.deployment,
      }),
    })
    await fleet.stopNode(name)
    await transport.start()
    const target = nodes[1]!.node
    const peer = await transport.dial({ peerId: target.peerId, addresses: target.addresses })
    nodes[place] = await fleet.startNode(name)
    expect(nodes[place].node.peerId).to.equal(peerId)
    return peer
  }

  function countFrames(verb: string, onFrame?: (frame: Uint8Array) => void): { bytes: number } {
    const count = { bytes: 0 }
    fleet.network.onFrame = (frame) => {
      if (frame.verb === verb) {
        count.bytes += frame.frame.length
        onFrame?.(frame.frame)
      }
      return Promise.resolve()
    }
    return count
  }
})

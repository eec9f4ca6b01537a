import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { progressFrame } from '@orlop/protocol/wire/common'
import { decodeFrame, encodeFrame, type Verb } from '@orlop/protocol/wire/frame'
import type { Admission, HelloSelf } from './hello.ts'
import { MemoryNetwork } from './memory-network.ts'
import { createMemoryTransport } from './memory-transport.ts'
import { seedOf, selfOf } from './test-parties.ts'
import type { TransportLimits } from './transport-limits.ts'
import type { ChannelHandler, FrameChannel, Peer, Transport } from './transport.ts'

describe('peer host', () => {
  let network: MemoryNetwork
  let node: Transport
  let started: Transport[]
  let admit: Admission

  beforeEach(() => {
    network = new MemoryNetwork()
    started = []
    admit = () => Promise.resolve()
  })

  afterEach(async () => {
    for (const transport of started) await transport.stop()
  })

  async function startNode(
    handlers: Partial<Record<Verb, ChannelHandler>>,
    limits: Partial<TransportLimits> = {},
  ): Promise<void> {
    node = await createMemoryTransport({
      network,
      peerSeed: seedOf('node peer'),
      self: () => selfOf('node', 'node', 7),
      admit: (claims, options) => admit(claims, options),
      listen: true,
      limits,
    })
    for (const [verb, handler] of Object.entries(handlers)) node.handle(verb as Verb, handler)
    await node.start()
    started.push(node)
  }

  /** A new connection: each call has a transport of its own, with the peer id of `peer` and the account of `label`. */
  async function connect(
    label: string,
    role: HelloSelf['role'] = 'client',
    peer = label,
  ): Promise<Peer> {
    const transport = await createMemoryTransport({
      network,
      peerSeed: seedOf(`${peer} peer`),
      self: () => selfOf(label, role, role === 'guest' ? 0 : 9),
      admit: () => Promise.resolve(),
    })
    await transport.start()
    started.push(transport)
    return transport.dial({ peerId: node.peerId, addresses: node.addresses })
  }

  /** A stream whose handler has answered once and goes on. */
  async function opened(peer: Peer, verb: Verb): Promise<FrameChannel> {
    const channel = await peer.open(verb)
    await answerOn(channel)
    return channel
  }

  const refuse = () => {
    admit = () => Promise.reject(new OrlopError('NOT_ADMITTED', 'Client 9 is suspended.'))
  }

  it('ends the connection of a peer that is not admitted any more', async () => {
    await startNode({ status: stay }, { closeTimeoutMs: 1 })
    const peer = await connect('ship')
    const served = await opened(peer, 'status')
    refuse()
    await peer.open('status')
    expect((await failureOf(served.receive())).code).to.equal('NODE_UNREACHABLE')
    expect(peer.isOpen).to.equal(false)
  })

  it('tells that peer why', async () => {
    await startNode({ status: stay })
    const peer = await connect('ship')
    refuse()
    const failure = await failureOf(opened(peer, 'status'))
    expect([failure.code, failure.message]).to.deep.equal([
      'NOT_ADMITTED',
      'Client 9 is suspended.',
    ])
  })

  it('goes on serving that peer as a guest', async () => {
    const roles: string[] = []
    await startNode({
      relay: async (channel) => {
        roles.push(channel.peer.role)
        await stay(channel)
      },
    })
    const peer = await connect('ship')
    await opened(peer, 'relay')
    refuse()
    await opened(peer, 'relay')
    expect(roles).to.deep.equal(['client', 'guest'])
  })

  it('keeps a peer connected while the ledger cannot be asked', async () => {
    await startNode({ status: stay }, { closeTimeoutMs: 1 })
    const peer = await connect('ship')
    admit = () => Promise.reject(new OrlopError('LEDGER_UNREACHABLE', 'No answer.'))
    expect((await failureOf(opened(peer, 'status'))).code).to.equal('LEDGER_UNREACHABLE')
    admit = () => Promise.resolve()
    await opened(peer, 'status')
  })

  it('lets the oldest idle connection of a peer make way for a new one', async () => {
    await startNode({ status: stay }, { maxConnectionsPerPeer: 2 })
    const busy = await connect('ship')
    await opened(busy, 'status')
    const idle = await connect('ship')
    const other = await connect('other')
    const newest = await connect('ship')
    expect([busy, idle, other, newest].map(({ isOpen }) => isOpen)).to.deep.equal([
      true,
      false,
      true,
      true,
    ])
  })

  it('refuses a connection of a peer that uses all it may have', async () => {
    await startNode({ status: stay }, { maxConnectionsPerPeer: 1 })
    await opened(await connect('ship'), 'status')
    expect((await failureOf(connect('ship'))).code).to.equal('NODE_UNREACHABLE')
  })

  it('lets the oldest stranger that has not said hello make way, so that many cannot keep others out', async () => {
    await startNode({ status: stay }, { maxNewcomers: 2 })
    const silence = Promise.withResolvers<undefined>()
    const ship = await connect('ship')
    network.onFrame = ({ verb, to }) =>
      verb === 'hello' && to === node.peerId ? silence.promise : Promise.resolve()
    const strangers = ['first', 'second', 'third'].map((label) => connect(label))
    expect((await failureOf(strangers[0]!)).code).to.equal('NODE_UNREACHABLE')
    expect(ship.isOpen).to.equal(true)
    silence.resolve(undefined)
    const others = await Promise.all(strangers.slice(1))
    expect(others.map(({ isOpen }) => isOpen)).to.deep.equal([true, true])
  })

  it('counts the streams of an account together, and leaves each of its peer ids a share', async () => {
    await startNode({ status: stay }, { maxStreamsPerPeer: 4 })
    const lent = await connect('ship', 'client', 'gateway')
    for (let stream = 0; stream < 4; stream++) await opened(lent, 'status')
    const own = await connect('ship')
    await opened(own, 'status')
    expect((await failureOf(opened(own, 'status'))).code).to.equal('PEER_LIMIT')
    await opened(await connect('other ship'), 'status')
  })

  it('bounds guests, and lets clients in all the same', async () => {
    await startNode({ relay: stay }, { maxGuests: 1 })
    const idle = await connect('guest 1', 'guest')
    const busy = await connect('guest 2', 'guest')
    expect([idle.isOpen, busy.isOpen]).to.deep.equal([false, true])
    await opened(busy, 'relay')
    expect((await failureOf(connect('guest 3', 'guest'))).code).to.equal('PEER_LIMIT')
    await opened(await connect('ship'), 'relay')
  })
})

async function stay(channel: FrameChannel): Promise<void> {
  await channel.send(encodeFrame({ durableBytes: 1 }))
  await channel.receive()
}

async function answerOn(channel: FrameChannel): Promise<void> {
  const frame = await channel.receive()
  if (frame === null) throw new Error('expected an answer, got the end')
  decodeFrame(progressFrame, frame)
}

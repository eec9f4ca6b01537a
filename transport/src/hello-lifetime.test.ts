import { expect } from 'chai'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { progressFrame } from '@orlop/protocol/wire/common'
import { decodeFrame, encodeFrame } from '@orlop/protocol/wire/frame'
import { helloFrame } from '@orlop/protocol/wire/hello'
import { createHello, type HelloClaims } from './hello.ts'
import { createMemoryDialer } from './memory-dialer.ts'
import { MemoryNetwork } from './memory-network.ts'
import { createMemoryTransport } from './memory-transport.ts'
import { peerIdOf } from './libp2p-identity.ts'
import type { RawConnection } from './raw-connection.ts'
import { seedOf, selfOf } from './test-parties.ts'
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from './transport-limits.ts'
import type { ChannelHandler, FrameChannel, Peer, Transport } from './transport.ts'

const { helloLifetimeMs, helloToleranceMs } = DEFAULT_TRANSPORT_LIMITS
const START_MS = 1_800_000_000_000

/** A clock that goes on when it is told to. */
class HandClock implements Clock {
  wallMs = START_MS
  monoMs = 0
  nowMs = () => this.wallMs
  monotonicMs = () => this.monoMs

  advance(ms: number): void {
    this.wallMs += ms
    this.monoMs += ms
  }
}

describe('a hello’s life', () => {
  let network: MemoryNetwork
  let started: Transport[]
  let clock: HandClock
  let claims: HelloClaims[]
  let hellos: number
  let node: Transport
  let refusal: OrlopError | null

  beforeEach(async () => {
    refusal = null
    network = new MemoryNetwork()
    started = []
    clock = new HandClock()
    claims = []
    hellos = 0
    network.onFrame = ({ verb, to }) => {
      if (verb === 'hello' && to === node.peerId) hellos += 1
      return Promise.resolve()
    }
    node = await party('node', { listen: true, clock })
  })

  afterEach(async () => {
    for (const transport of started) await transport.stop()
  })

  interface PartyOptions {
    listen?: boolean
    clock: Clock
    limits?: Partial<TransportLimits>
  }

  async function party(label: string, options: PartyOptions): Promise<Transport> {
    const isNode = label.startsWith('node')
    const transport = await createMemoryTransport({
      ...{ network, peerSeed: seedOf(`${label} peer`), ...options },
      self: () => selfOf(label, isNode ? 'node' : 'client', isNode ? 7 : 9),
      admit: (claim) => {
        if (isNode) claims.push(claim)
        return refusal === null ? Promise.resolve() : Promise.reject(refusal)
      },
    })
    if (isNode) transport.handle('status', echo)
    await transport.start()
    started.push(transport)
    return transport
  }

  const connect = async (options: PartyOptions, label = 'ship'): Promise<Peer> =>
    (await party(label, options)).dial({ peerId: node.peerId, addresses: node.addresses })

  it('is said anew by itself before a stream, when it is getting old, and only then', async () => {
    const peer = await connect({ clock })
    await exchange(await peer.open('status'))
    expect(hellos).to.equal(1)
    clock.advance(helloLifetimeMs / 2 - 1)
    await exchange(await peer.open('status'))
    expect(hellos).to.equal(1)
    clock.advance(1)
    await Promise.all([1, 2, 3].map(async () => exchange(await peer.open('status'))))
    expect(hellos, 'one for all three').to.equal(2)
    for (let day = 0; day < 3; day++) {
      clock.advance(24 * 60 * 60_000)
      await exchange(await peer.open('status'))
    }
    expect(hellos).to.equal(5)
    expect(peer.isOpen).to.equal(true)
  })

  it('leaves a stream that is under way alone, however long it lasts', async () => {
    const peer = await connect({ clock })
    const long = await peer.open('status')
    await exchange(long)
    clock.advance(10 * helloLifetimeMs)
    await exchange(long)
    await exchange(await peer.open('status'))
    await exchange(long)
  })

  it('is said anew after a sleep that the monotonic clock did not see', async () => {
    const own = new HandClock()
    const peer = await connect({ clock: own })
    clock.advance(2 * helloLifetimeMs)
    own.wallMs = clock.wallMs
    await exchange(await peer.open('status'))
    expect(hellos).to.equal(2)
  })

  it('is said in the node’s time by whoever has another', async () => {
    for (const [place, apartMs] of [-90 * 60_000, 400 * 24 * 3_600_000].entries()) {
      const wrong = new HandClock()
      wrong.wallMs += apartMs
      const peer = await connect({ clock: wrong }, `ship ${place}`)
      expect(peer.clockSkewMs).to.equal(-apartMs)
      await exchange(await peer.open('status'))
      expect(claims[place]?.clockSkewMs, 'as the node saw the second one').to.equal(0)
    }
  })

  it('is taken as it is while clocks are a little apart', async () => {
    const slow = new HandClock()
    slow.wallMs -= helloToleranceMs
    await exchange(await (await connect({ clock: slow })).open('status'))
    expect(hellos).to.equal(1)
    expect(claims[0]?.clockSkewMs).to.equal(-helloToleranceMs)
  })

  describe('that could not be said anew', () => {
    let peer: Peer
    let tried: number

    beforeEach(async () => {
      peer = await connect({ clock })
      tried = 0
      network.onFrame = ({ verb, to }) => {
        if (verb !== 'hello' || to !== node.peerId) return Promise.resolve()
        tried += 1
        return Promise.reject(new OrlopError('TIMEOUT', 'lost'))
      }
    })

    it('holds as long as it is surely good, and is not tried for each stream', async () => {
      clock.advance(helloLifetimeMs / 2)
      await exchange(await peer.open('status'))
      await exchange(await peer.open('status'))
      expect(tried).to.equal(1)
      clock.advance(helloLifetimeMs / 30)
      await exchange(await peer.open('status'))
      expect(tried).to.equal(2)
      clock.advance(helloLifetimeMs - helloToleranceMs - clock.monoMs)
      expect(await failureOf(peer.open('status'))).to.include({ code: 'TIMEOUT' })
      expect(tried).to.equal(3)
    })

    it('does not hide that the other side admits nobody of that name any more', async () => {
      network.onFrame = () => Promise.resolve()
      refusal = new OrlopError('NOT_ADMITTED', 'suspended')
      clock.advance(helloLifetimeMs / 2)
      const stream = await peer.open('status')
      expect(await failureOf(exchange(stream))).to.include({ code: 'NOT_ADMITTED' })
    })

    it('does not hide that the other side is not who it was', async () => {
      network.onFrame = () => Promise.resolve()
      refusal = new OrlopError('MALFORMED_MESSAGE', 'somebody else')
      clock.advance(helloLifetimeMs / 2)
      expect(await failureOf(peer.open('status'))).to.include({ code: 'MALFORMED_MESSAGE' })
    })

    it('does not keep a caller that gives up', async () => {
      network.onFrame = () => new Promise(() => undefined)
      clock.advance(helloLifetimeMs / 2)
      const giveUp = new AbortController()
      const opening = peer.open('status', { signal: giveUp.signal })
      giveUp.abort()
      expect(await failureOf(opening)).to.include({ code: 'ABORTED' })
    })
  })

  it('may also be said by the side that was dialled', async () => {
    const other = await party('node 2', { listen: true, clock })
    const address = { peerId: node.peerId, addresses: node.addresses }
    const dialled = await other.dial(address)
    const back = await node.dial({ peerId: other.peerId, addresses: other.addresses })
    await exchange(await back.open('status'))
    clock.advance(helloLifetimeMs)
    await exchange(await back.open('status'))
    await exchange(await dialled.open('status'))
    expect(back.isOpen && dialled.isOpen).to.equal(true)
  })

  describe('on a connection that somebody else holds', () => {
    let hello: Uint8Array
    let held: RawConnection
    let lentPeerId: string

    /** A connection under a peer id of its own, on which the client has said hello: what a relay has. */
    beforeEach(async () => {
      lentPeerId = await peerIdOf(seedOf('lent peer'))
      hello = helloAt(clock.nowMs())
      held = await lent()
      expect(await say(hello)).to.equal('answered')
    })

    function helloAt(nowMs: number, label = 'ship', id = 9): Uint8Array {
      const parties = { localPeerId: lentPeerId, remotePeerId: node.peerId, nowMs }
      return createHello(selfOf(label, 'client', id), parties, { software: 'test/1' })
    }

    async function lent(): Promise<RawConnection> {
      const dialer = await createMemoryDialer(network, seedOf('lent peer'))
      await dialer.start()
      return dialer.dial(
        { peerId: node.peerId, addresses: node.addresses },
        { onClose: () => undefined },
      )
    }

    /** @returns the code of the refusal, 'asked again' or 'answered'. */
    async function say(frame: Uint8Array, connection = held): Promise<string> {
      const stream = await connection.openStream('hello')
      await stream.send(frame)
      const answer = await stream.receive()
      try {
        const { wantsFreshTime } = decodeFrame(helloFrame, answer!)
        return wantsFreshTime === true ? 'asked again' : 'answered'
      } catch (error) {
        if (error instanceof OrlopError) return error.code
        throw error
      }
    }

    async function ask(): Promise<string> {
      const stream = await held.openStream('status')
      await stream.send(encodeFrame({ durableBytes: 1 }))
      const frame = await stream.receive()
      const failure = await failureOf(
        Promise.resolve(frame).then((bytes) => decodeFrame(progressFrame, bytes!)),
      ).catch(() => null)
      return failure?.code ?? 'served'
    }

    it('opens streams for as long as the hello lives, and no longer', async () => {
      clock.advance(helloLifetimeMs)
      expect(await ask()).to.equal('served')
      clock.advance(1)
      expect(await ask()).to.equal('TIMEOUT')
    })

    it('cannot be kept by the hello that was said on it, there or on a new connection', async () => {
      clock.advance(helloToleranceMs + 1)
      expect(await say(hello)).to.equal('asked again')
      clock.advance(helloLifetimeMs)
      expect(await ask()).to.equal('TIMEOUT')
      const another = await lent()
      expect(await say(hello, another)).to.equal('asked again')
      held = another
      expect(await ask()).to.equal('NOT_ADMITTED')
      expect(claims).to.have.length(1)
    })

    it('is not kept for longer by a hello said again while it is still good: it counts from its own time', async () => {
      clock.advance(helloToleranceMs)
      expect(await say(hello)).to.equal('answered')
      clock.advance(helloLifetimeMs - helloToleranceMs + 1)
      expect(await ask()).to.equal('TIMEOUT')
    })

    it('goes on with another hello of the same client, and of nobody else', async () => {
      clock.advance(helloLifetimeMs + 1)
      expect(await say(helloAt(clock.nowMs(), 'other', 10))).to.equal('MALFORMED_MESSAGE')
      clock.advance(helloLifetimeMs)
      expect(await say(helloAt(clock.nowMs()))).to.equal('answered')
      expect(await ask()).to.equal('served')
    })

    it('does not have the node sign all the time', async () => {
      clock.advance(helloLifetimeMs / 30 - 1)
      expect(await say(helloAt(clock.nowMs()))).to.equal('PEER_LIMIT')
      clock.advance(1)
      expect(await say(helloAt(clock.nowMs()))).to.equal('answered')
    })
  })

  it('refuses who says another time although it was told ours', async () => {
    const stubborn = await createMemoryDialer(network, seedOf('lent peer'))
    await stubborn.start()
    const address = { peerId: node.peerId, addresses: node.addresses }
    const connection = await stubborn.dial(address, { onClose: () => undefined })
    const parties = {
      localPeerId: await peerIdOf(seedOf('lent peer')),
      remotePeerId: node.peerId,
      nowMs: 1,
    }
    const frame = createHello(selfOf('ship', 'client', 9), parties, { software: 'test/1' })
    const stream = await connection.openStream('hello')
    await stream.send(frame)
    await stream.receive()
    await stream.send(frame)
    const refusal = await stream.receive()
    const failure = await failureOf(
      Promise.resolve(refusal).then((bytes) => decodeFrame(progressFrame, bytes!)),
    )
    expect(failure.code).to.equal('TIMEOUT')
    expect(claims).to.deep.equal([])
  })
})

const echo: ChannelHandler = async (channel) => {
  for (;;) {
    const frame = await channel.receive()
    if (frame === null) return
    await channel.send(frame)
  }
}

async function exchange(channel: FrameChannel): Promise<void> {
  await channel.send(encodeFrame({ durableBytes: 3 }))
  const frame = await channel.receive()
  if (frame === null) throw new Error('expected an answer, got the end')
  expect(decodeFrame(progressFrame, frame).durableBytes).to.equal(3)
}

import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import { concat, u32be } from '@orlop/crypto/bytes'
import { isOrlopError, type OrlopError } from '@orlop/protocol/errors'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { createLibp2pTransport } from '@orlop/transport/libp2p-transport'
import { createRelayTransport } from '@orlop/transport/relay/create-relay-transport'
import { MAX_RELAY_MESSAGE_BYTES } from '@orlop/transport/relay/relay-frames'
import { seedOf, selfOf } from '@orlop/transport/test-parties'
import type { TransportLimits } from '@orlop/transport/transport-limits'
import type { FrameChannel, Peer, Transport } from '@orlop/transport/transport'
import type { RelayOptions } from './attach-relay.ts'
import { type RelayObserver, type SessionEnd, silentRelayObserver } from './relay-observer.ts'
import { recordOf, startTestRelay, type TestRelay } from './test-relay.ts'

const YAMUX_DATA = 0
const YAMUX_PING = 2
const SYN = 1

/** Browsers, and programs that pretend to be some, against a relay with real nodes behind it. */
describe('relay against hostile browsers', () => {
  let gateway: TestRelay
  let ends: SessionEnd[]
  let ended: PromiseWithResolvers<SessionEnd>
  const started: Transport[] = []
  const sockets: WebSocket[] = []

  async function startGateway(options: Partial<RelayOptions> = {}): Promise<void> {
    ends = []
    ended = Promise.withResolvers()
    const observer: RelayObserver = {
      ...silentRelayObserver,
      sessionEnded: (end) => {
        ends.push(end)
        ended.resolve(end)
      },
    }
    gateway = await startTestRelay({ observer, ...options })
  }

  async function startNode(
    serve: (channel: FrameChannel) => Promise<void>,
    label = 'node',
  ): Promise<Transport> {
    const node = await createLibp2pTransport({
      peerSeed: seedOf(`${label} peer`),
      self: () => selfOf(label, 'node', 7),
      admit: () => Promise.resolve(),
      software: 'orlop-test/0',
      listen: ['/ip4/127.0.0.1/tcp/0'],
    })
    node.handle('store', serve)
    node.handle('fetch', serve)
    await node.start()
    started.push(node)
    gateway.nodes.push(recordOf(node))
    return node
  }

  async function browser(limits: Partial<TransportLimits> = {}): Promise<Transport> {
    const transport = createRelayTransport({
      url: gateway.url,
      self: () => selfOf('client', 'client', 9),
      admit: () => Promise.resolve(),
      software: 'orlop-test/0',
      limits,
    })
    await transport.start()
    started.push(transport)
    return transport
  }

  async function socket(): Promise<WebSocket> {
    const one = new WebSocket(gateway.url.replace('http', 'ws') + 'relay/1')
    sockets.push(one)
    one.on('error', () => undefined)
    await once(one, 'open')
    return one
  }

  /** The HTTP status with which a WebSocket is refused. */
  async function refusal(path = 'relay/1', headers: Record<string, string> = {}): Promise<number> {
    const one = new WebSocket(gateway.url.replace('http', 'ws') + path, { headers })
    sockets.push(one)
    one.on('error', () => undefined)
    const [, response] = (await once(one, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ]
    one.terminate()
    return response.statusCode
  }

  afterEach(async () => {
    for (const one of sockets.splice(0)) one.terminate()
    for (const transport of started.splice(0)) await transport.stop()
    await gateway.stop()
  })

  it('answers other paths with 404, strange origins with 403, and its own pages with a session', async () => {
    await startGateway({ isOriginAllowed: (origin) => origin === 'https://vault.example' })
    expect(await refusal('v1/events')).to.equal(404)
    expect(await refusal('relay/1', { Origin: 'https://evil.example' })).to.equal(403)
    const { host } = new URL(gateway.url)
    for (const Origin of [`http://${host}`, 'https://vault.example']) {
      const own = new WebSocket(`ws://${host}/relay/1`, { headers: { Origin } })
      sockets.push(own)
      await once(own, 'open')
    }
  })

  it('refuses the sessions of an address above its limit, and takes one when one has ended', async () => {
    await startGateway({ limits: { maxSessionsPerAddress: 2 } })
    const first = await socket()
    await socket()
    expect(await refusal()).to.equal(429)
    first.terminate()
    await ended.promise
    await socket()
    expect(gateway.relay.sessions).to.equal(2)
  })

  it('gives the place of a socket free that broke off its upgrade', async () => {
    await startGateway({ limits: { maxSessionsPerAddress: 1 } })
    const { hostname, port } = new URL(gateway.url)
    const raw = connectTcp(Number(port), hostname)
    raw.write(
      'GET /relay/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    raw.resume()
    await once(raw, 'close')
    expect(gateway.relay.sessions).to.equal(0)
  })

  for (const [what, message] of [
    ['sends text', 'hello'],
    ['sends what is no frame', Buffer.alloc(100, 0xff)],
    ['sends a message longer than allowed', Buffer.alloc(MAX_RELAY_MESSAGE_BYTES + 1)],
    ['announces 4 GiB', yamux(YAMUX_DATA, 0xffff_ffff)],
  ] as const) {
    it(`ends the session of a browser that ${what}`, async () => {
      await startGateway()
      const one = await socket()
      one.send(message)
      await once(one, 'close')
      expect(await ended.promise).to.equal('failed')
      expect(gateway.relay.sessions).to.equal(0)
    })
  }

  it('ends the session of a browser that floods it with short frames', async () => {
    await startGateway({ limits: { maxFramesPerSecond: 100 } })
    const one = await socket()
    one.send(concat(...Array.from({ length: 300 }, () => yamux(YAMUX_PING, 1, SYN))))
    await once(one, 'close')
    expect(await ended.promise).to.equal('failed')
  })

  it('ends the session of a browser that is silent', async () => {
    await startGateway({ transportLimits: { silentPeerMs: 40 } })
    const one = await socket()
    await once(one, 'close')
    expect(await ended.promise).to.equal('failed')
  })

  it('ends a session on which nothing is asked', async () => {
    await startGateway({ limits: { idleMs: 20 } })
    const one = await socket()
    await once(one, 'close')
    expect(await ended.promise).to.equal('idle')
  })

  it('connects to nodes of the registry and to nobody else', async () => {
    await startGateway()
    const node = await startNode(drain)
    gateway.nodes.length = 0
    const failure = await failureOf(
      (await browser()).dial({ peerId: node.peerId, addresses: node.addresses }),
    )
    expect(failure.code).to.equal('NOT_ADMITTED')
    expect(failure.message).to.contain(node.peerId)
  })

  it('refuses streams above the limit of a session by name, and serves the others', async () => {
    await startGateway({ limits: { maxStreamsPerSession: 4 } })
    const node = await startNode(drain)
    const peer = await (await browser()).dial(node)
    const served = await openUntilRefused(peer)
    expect(served.length).to.be.within(1, 3)
    for (const channel of served) await channel.send(Uint8Array.of(1))
  })

  it('refuses to connect a session to more nodes than allowed', async () => {
    await startGateway({ limits: { maxLinksPerSession: 1 } })
    const transport = await browser()
    await transport.dial(await startNode(drain))
    const other = await startNode(drain, 'other node')
    expect((await failureOf(transport.dial(other))).code).to.equal('PEER_LIMIT')
  })

  it('refuses streams above the limit of all sessions together', async () => {
    await startGateway({ limits: { maxStreams: 4 } })
    const node = await startNode(drain)
    await openUntilRefused(await (await browser()).dial(node))
    expect((await failureOf((await browser()).dial(node))).code).to.equal('PEER_LIMIT')
  })

  it('shows the node a failure, not an end, when a browser vanishes in the middle of an upload', async () => {
    await startGateway()
    const seen = Promise.withResolvers<OrlopError>()
    const begun = Promise.withResolvers<undefined>()
    const node = await startNode(async (channel) => {
      await channel.receive()
      begun.resolve(undefined)
      seen.resolve(await failureOf(drain(channel)))
    })
    const transport = await browser()
    const channel = await (await transport.dial(node)).open('store')
    await channel.send(new Uint8Array(1_000))
    await begun.promise
    await transport.stop()
    expect((await seen.promise).code).to.equal('NODE_UNREACHABLE')
    await ended.promise
    expect(gateway.relay).to.include({ sessions: 0, streams: 0 })
  })

  it('cuts a browser that asks for much and reads nothing, and the node with it', async () => {
    await startGateway({ transportLimits: { slowPeerWindowMs: 50 } })
    const seen = Promise.withResolvers<OrlopError>()
    const node = await startNode(async (channel) => {
      const flood = async () => {
        for (;;) await channel.send(new Uint8Array(256 * 1024))
      }
      seen.resolve(await failureOf(flood()))
    })
    const channel = await (await (await browser()).dial(node)).open('fetch')
    expect((await seen.promise).code).to.equal('NODE_UNREACHABLE')
    const reading = async () => {
      while ((await channel.receive()) !== null);
    }
    expect((await failureOf(reading())).code).to.equal('NODE_UNREACHABLE')
  })

  it('ends every session when it stops, and says so to browsers', async () => {
    await startGateway()
    const node = await startNode(drain)
    const transport = await browser()
    const peer = await transport.dial(node)
    const channel = await peer.open('store')
    await gateway.stop()
    expect((await failureOf(channel.receive())).code).to.equal('NODE_UNREACHABLE')
    expect(peer.isOpen).to.equal(false)
    expect(ends).to.deep.equal(['stopped'])
    expect((await failureOf(transport.dial(node))).code).to.equal('NODE_UNREACHABLE')
  })
})

/** Streams opened until the relay has no room for another one. */
async function openUntilRefused(peer: Peer): Promise<FrameChannel[]> {
  const served: FrameChannel[] = []
  for (;;) {
    try {
      served.push(await peer.open('store'))
    } catch (error) {
      expect(isOrlopError(error, 'PEER_LIMIT')).to.equal(true)
      return served
    }
  }
}

async function drain(channel: FrameChannel): Promise<void> {
  while ((await channel.receive()) !== null);
}

function yamux(type: number, length: number, flags = 0): Uint8Array {
  return concat(Uint8Array.of(0, type, 0, flags), u32be(0), u32be(length))
}

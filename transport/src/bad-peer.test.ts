import { connect as connectTcp } from 'node:net'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import type {
  Connection,
  Libp2p,
  MessageStream,
  Stream,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { decodeFrame, PROTOCOLS } from '@orlop/protocol/wire/frame'
import { progressFrame } from '@orlop/protocol/wire/common'
import { createLibp2p } from 'libp2p'
import { createHello } from './hello.ts'
import { peerKeyOf } from './libp2p-identity.ts'
import { createLibp2pTransport } from './libp2p-transport.ts'
import { concat, u32be } from '@orlop/crypto/bytes'
import { FrameDecoder, framePrefix } from './frame-codec.ts'
import { seedOf, selfOf } from './test-parties.ts'
import type { TransportLimits } from './transport-limits.ts'
import type { FrameChannel, Transport } from './transport.ts'

/** Peers that speak libp2p well and Orlop badly. */
describe('transport against bad peers', () => {
  let node: Transport
  let peer: Libp2p | undefined
  let connection: Connection
  let seen: PromiseWithResolvers<FrameChannel>
  /** The bad peer's connection below its muxer, where it writes what it likes. */
  let below: MessageStream

  async function startNode(limits: Partial<TransportLimits> = {}): Promise<void> {
    seen = Promise.withResolvers()
    node = await createLibp2pTransport({
      peerSeed: seedOf('node peer'),
      self: () => selfOf('node', 'node', 7),
      admit: () => Promise.resolve(),
      software: 'orlop-test/0',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      limits,
    })
    node.handle('store', async (channel) => {
      seen.resolve(channel)
      while ((await channel.receive()) !== null);
    })
    await node.start()
  }

  function seeThrough(): StreamMuxerFactory {
    const inner = yamux()()
    return {
      protocol: inner.protocol,
      createStreamMuxer: (stream) => {
        below = stream
        return inner.createStreamMuxer(stream)
      },
    }
  }

  async function setUp(limits: Partial<TransportLimits> = {}): Promise<void> {
    await startNode(limits)
    peer = await createLibp2p({
      privateKey: await peerKeyOf(seedOf('bad peer')),
      transports: [tcp()],
      connectionEncrypters: [tls()],
      streamMuxers: [seeThrough],
      connectionMonitor: { enabled: false },
    })
    connection = await peer.dial(multiaddr(node.addresses[0]))
  }

  afterEach(async () => {
    for (const party of [peer, node]) await party?.stop()
    peer = undefined
  })

  /** Says a good hello, so that what follows is judged for itself. */
  async function introduce(): Promise<void> {
    const parties = {
      localPeerId: peer!.peerId.toString(),
      remotePeerId: node.peerId,
      nowMs: Date.now(),
    }
    const stream = await connection.newStream(PROTOCOLS.hello)
    const answer = framesOf(stream)
    stream.send(framed(createHello(selfOf('bad', 'client', 9), parties, { software: 'bad/1' })))
    await answer.next()
    await stream.close()
  }

  /** The node's error code on a stream to which `bytes` were written. */
  async function answerTo(bytes: Uint8Array): Promise<string> {
    await introduce()
    const stream = await connection.newStream(PROTOCOLS.store)
    const answer = framesOf(stream)
    stream.send(bytes)
    const { value } = await answer.next()
    if (value === undefined) return 'reset'
    return (await failureOf(Promise.resolve().then(() => decodeFrame(progressFrame, value)))).code
  }

  it('serves nothing before hello', async () => {
    await setUp()
    const stream = await connection.newStream(PROTOCOLS.store)
    const { value } = await framesOf(stream).next()
    const refusal = await failureOf(
      Promise.resolve().then(() => decodeFrame(progressFrame, value!)),
    )
    expect(refusal.code).to.equal('NOT_ADMITTED')
  })

  it('drops a connection that says no hello', async () => {
    await setUp({ helloTimeoutMs: 200 })
    if (connection.status === 'open') {
      await new Promise((resolve) => {
        connection.addEventListener('close', resolve)
      })
    }
    expect(connection.status).to.not.equal('open')
  })

  it('drops a peer that announces 4 GiB in one muxer frame, before a byte of it has come', async () => {
    await setUp()
    await introduce()
    const closed = new Promise((resolve) => {
      connection.addEventListener('close', resolve)
    })
    below.send(concat(Uint8Array.of(0, 0, 0, 1), u32be(99), u32be(0xffff_ffff)))
    await closed
  })

  it('drops a socket that never agrees on keys', async () => {
    await startNode({ helloTimeoutMs: 100 })
    const port = Number(multiaddr(node.addresses[0]).getComponents()[1]?.value)
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    await new Promise((resolve) => {
      socket.once('close', resolve)
    })
  })

  it('ends a stream whose frame is declared too long', async () => {
    await setUp()
    const length = MAX_FRAME_BYTES + 1
    const prefix = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]
    expect(await answerTo(Uint8Array.from(prefix))).to.be.oneOf(['reset', 'MESSAGE_TOO_LARGE'])
    const channel = await seen.promise
    expect((await failureOf(channel.receive())).code).to.equal('MESSAGE_TOO_LARGE')
  })

  it('ends a stream whose lengths are no lengths', async () => {
    await setUp()
    expect(await answerTo(new Uint8Array(64).fill(0xff))).to.be.oneOf([
      'reset',
      'MALFORMED_MESSAGE',
    ])
    const channel = await seen.promise
    expect((await failureOf(channel.receive())).code).to.equal('MALFORMED_MESSAGE')
  })

  it('drops a peer that opens a stream and says nothing', async () => {
    await setUp({ slowPeerWindowMs: 500 })
    await introduce()
    await connection.newStream(PROTOCOLS.store)
    const channel = await seen.promise
    expect((await failureOf(channel.receive())).code).to.equal('PEER_TOO_SLOW')
  })

  it('drops a peer that sends a frame byte by byte, slower than allowed', async () => {
    await setUp({ slowPeerWindowMs: 40 })
    await introduce()
    const stream = await connection.newStream(PROTOCOLS.store)
    const drip = setInterval(() => {
      if (stream.status === 'open') stream.send(new Uint8Array([0x80 | 1]).subarray(0, 1))
    }, 10)
    stream.send(framePrefix(100_000))
    const channel = await seen.promise
    const failure = await failureOf(channel.receive())
    clearInterval(drip)
    expect(failure.code).to.equal('PEER_TOO_SLOW')
  })

  it('calls a stream that ends inside a frame malformed', async () => {
    await setUp()
    await introduce()
    const stream = await connection.newStream(PROTOCOLS.store)
    stream.send(framed(new Uint8Array(5_000)).subarray(0, 4_000))
    await stream.close()
    const channel = await seen.promise
    expect((await failureOf(channel.receive())).code).to.equal('MALFORMED_MESSAGE')
  })

  it('calls a connection cut inside a frame unreachable', async () => {
    await setUp()
    await introduce()
    const stream = await connection.newStream(PROTOCOLS.store)
    stream.send(framed(new Uint8Array(5_000)).subarray(0, 4_000))
    const channel = await seen.promise
    connection.abort(new Error('cut'))
    expect((await failureOf(channel.receive())).code).to.equal('NODE_UNREACHABLE')
  })
})

async function* framesOf(stream: Stream): AsyncGenerator<Uint8Array, undefined> {
  const decoder = new FrameDecoder()
  try {
    for await (const data of stream) {
      decoder.push(data instanceof Uint8Array ? data : data.subarray())
      for (let frame = decoder.next(); frame !== null; frame = decoder.next()) yield frame
    }
  } catch {
    // A reset ends the answers like a close does.
  }
}

function framed(frame: Uint8Array): Uint8Array {
  return concat(framePrefix(frame.length), frame)
}

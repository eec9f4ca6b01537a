import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { progressFrame } from '@orlop/protocol/wire/common'
import { decodeFrame, encodeFrame } from '@orlop/protocol/wire/frame'
import type { Admission, HelloClaims, HelloSelf } from './hello.ts'
import { accountOf, seedOf, selfOf, TEST_DEPLOYMENT } from './test-parties.ts'
import type { TransportLimits } from './transport-limits.ts'
import type { FrameChannel, Peer, Transport } from './transport.ts'

export interface PartyOptions {
  peerSeed: Uint8Array
  self: () => HelloSelf
  admit: Admission
  listen: boolean
  limits?: Partial<TransportLimits>
}

export interface TransportSetup {
  create(options: PartyOptions): Promise<Transport>
  /** Ends what the transports shared. */
  stop?(): Promise<void>
}

const KIB = 1024

/** What every transport does, whatever carries its bytes. */
export function transportConformance(name: string, setup: () => TransportSetup): void {
  describe(`transport: ${name}`, () => {
    let started: Transport[] = []
    let parts: TransportSetup

    beforeEach(() => {
      parts = setup()
    })

    afterEach(async () => {
      for (const transport of started) await transport.stop()
      started = []
      await parts.stop?.()
    })

    const admitAll: Admission = () => Promise.resolve()

    async function party(
      label: string,
      options: Partial<PartyOptions> & { onStart?: (transport: Transport) => void } = {},
    ): Promise<Transport> {
      const { onStart, ...rest } = options
      const transport = await parts.create({
        peerSeed: seedOf(`${label} peer`),
        self: () => selfOf(label, label.startsWith('node') ? 'node' : 'client', 7),
        admit: admitAll,
        listen: label.startsWith('node'),
        ...rest,
      })
      onStart?.(transport)
      await transport.start()
      started.push(transport)
      return transport
    }

    async function echoNode(options: Partial<PartyOptions> = {}): Promise<Transport> {
      return party('node', { ...options, onStart: (node) => node.handle('status', echo) })
    }

    /** Serves two streams of a peer, which end when `release` resolves. */
    async function busyNode(release: Promise<undefined>): Promise<Transport> {
      return party('node', {
        limits: { maxStreamsPerPeer: 2 },
        onStart: (transport) =>
          transport.handle('status', async (channel) => {
            await channel.send(encodeFrame({ durableBytes: 1 }))
            await release
          }),
      })
    }

    async function connect(client: Transport, node: Transport): Promise<Peer> {
      return client.dial({ peerId: node.peerId, addresses: node.addresses })
    }

    it('proves both ledger identities in hello', async () => {
      const seen: HelloClaims[] = []
      const node = await echoNode({
        admit: (claims) => {
          seen.push(claims)
          return Promise.resolve()
        },
      })
      const client = await party('client')
      const peer = await connect(client, node)
      expect(peer.identity).to.deep.equal({
        role: 'node',
        id: 7,
        account: accountOf('node'),
        peerId: node.peerId,
      })
      expect(peer.roundTripMs).to.be.at.least(0)
      expect(seen).to.have.length(1)
      expect(seen[0]).to.include({
        role: 'client',
        id: 7,
        account: accountOf('client'),
        peerId: client.peerId,
        direction: 'inbound',
      })
    })

    it('gives the open connection to whoever dials again', async () => {
      const node = await echoNode()
      const client = await party('client')
      const [one, two] = await Promise.all([connect(client, node), connect(client, node)])
      expect(one).to.equal(two)
      expect(await connect(client, node)).to.equal(one)
    })

    it('carries frames of every size in order, both ways', async () => {
      const node = await echoNode()
      const peer = await connect(await party('client'), node)
      const channel = await peer.open('status')
      const sizes = [0, 1, 127, 128, 16_383, 16_384, 300 * KIB, 1024 * KIB + 64 * KIB]
      for (const size of sizes) {
        const frame = Uint8Array.from({ length: size }, (_, index) => index * 7)
        await channel.send(frame)
        const echoed = await channel.receive()
        expect(Buffer.compare(echoed!, frame), `${size} bytes`).to.equal(0)
      }
      await channel.close()
      expect(await channel.receive()).to.equal(null)
    })

    it('names the identity of the peer to the handler', async () => {
      const identities: FrameChannel['peer'][] = []
      const node = await party('node', {
        onStart: (transport) =>
          transport.handle('fetch', (channel) => {
            identities.push(channel.peer)
            return Promise.resolve()
          }),
      })
      const channel = await (await connect(await party('client'), node)).open('fetch')
      expect(await channel.receive()).to.equal(null)
      expect(identities.map(({ account }) => account)).to.deep.equal([accountOf('client')])
    })

    it('holds a fast sender back until a slow reader takes frames', async () => {
      const taken = Promise.withResolvers<undefined>()
      const node = await party('node', {
        onStart: (transport) =>
          transport.handle('store', async (channel) => {
            await taken.promise
            let frames = 0
            while (frames < 160) frames += (await channel.receive()) === null ? NaN : 1
            await channel.send(encodeFrame({ durableBytes: frames }))
          }),
      })
      const channel = await (await connect(await party('client'), node)).open('store')
      let sent = 0
      const sending = (async () => {
        for (; sent < 160; sent++) await channel.send(new Uint8Array(256 * KIB))
      })()
      // Frames in flight are bounded, so the sender must come to rest before it has sent them all.
      for (let before = -1, turnsAtRest = 0; turnsAtRest < 500; before = sent) {
        turnsAtRest = before === sent ? turnsAtRest + 1 : 0
        await setImmediate()
      }
      expect(sent).to.be.below(160)
      taken.resolve(undefined)
      await sending
      expect(decodeFrame(progressFrame, (await channel.receive())!).durableBytes).to.equal(160)
    })

    it('lets a reader that is slower all along have every frame', async () => {
      const node = await party('node', {
        onStart: (transport) => {
          transport.handle('fetch', async (channel) => {
            for (let frame = 0; frame < 200; frame++) {
              await channel.send(new Uint8Array(256 * KIB).fill(frame))
            }
          })
        },
      })
      const channel = await (await connect(await party('client'), node)).open('fetch')
      for (let frame = 0; frame < 200; frame++) {
        const received = await channel.receive()
        expect(received?.[0]).to.equal(frame)
        for (let turn = 0; turn < 20; turn++) await setImmediate()
      }
      expect(await channel.receive()).to.equal(null)
    })

    it('sends what a handler throws as an error frame', async () => {
      const node = await party('node', {
        onStart: (transport) =>
          transport.handle('offer', () => {
            throw new OrlopError('DISK_FULL', 'No room here.', { details: { freeBytes: 3 } })
          }),
      })
      const channel = await (await connect(await party('client'), node)).open('offer')
      const frame = await channel.receive()
      expect(() => decodeFrame(progressFrame, frame!)).to.throw(OrlopError, 'No room here.')
      expect(await channel.receive()).to.equal(null)
    })

    it('hides the text of an unexpected failure', async () => {
      const node = await party('node', {
        onStart: (transport) =>
          transport.handle('offer', () => {
            throw new Error('secret path')
          }),
      })
      const channel = await (await connect(await party('client'), node)).open('offer')
      const frame = await channel.receive()
      expect(() => decodeFrame(progressFrame, frame!))
        .to.throw(OrlopError)
        .that.satisfies((e: OrlopError) => e.code === 'INTERNAL' && !e.message.includes('secret'))
    })

    it('refuses a peer that admission refuses, with its reason', async () => {
      const node = await echoNode({
        admit: () => Promise.reject(new OrlopError('NOT_ADMITTED', 'Client 7 is pending.')),
      })
      const client = await party('client')
      const failure = await failureOf(connect(client, node))
      expect(failure.code).to.equal('NOT_ADMITTED')
      expect(failure.message).to.equal('Client 7 is pending.')
    })

    it('lets the dialling side refuse the node', async () => {
      const node = await echoNode()
      const client = await party('client', {
        admit: () => Promise.reject(new OrlopError('NOT_ADMITTED', 'That is not node 7.')),
      })
      expect((await failureOf(connect(client, node))).code).to.equal('NOT_ADMITTED')
    })

    it('names both ledgers when they differ', async () => {
      const other: Deployment = { ...TEST_DEPLOYMENT, chainId: 5 }
      const node = await echoNode()
      const client = await party('client', {
        self: () => ({ ...selfOf('client', 'client', 7), deployment: other }),
      })
      const failure = await failureOf(connect(client, node))
      expect(failure.code).to.equal('LEDGER_MISMATCH')
      expect(failure.message).to.contain('chain 5').and.to.contain('chain 31337')
    })

    it('serves a guest the relay and nothing else', async () => {
      const node = await party('node', {
        onStart: (transport) => {
          transport.handle('relay', echo)
          transport.handle('status', echo)
        },
      })
      const guest = await party('guest', { self: () => selfOf('guest', 'guest', 0) })
      const peer = await connect(guest, node)
      const relay = await peer.open('relay')
      await relay.send(encodeFrame({ durableBytes: 5 }))
      expect(decodeFrame(progressFrame, (await relay.receive())!).durableBytes).to.equal(5)
      const status = await peer.open('status')
      const refused = await status.receive()
      expect(() => decodeFrame(progressFrame, refused!))
        .to.throw(OrlopError)
        .with.property('code', 'NOT_ADMITTED')
    })

    it('limits the streams one peer may have', async () => {
      const release = Promise.withResolvers<undefined>()
      const node = await busyNode(release.promise)
      const peer = await connect(await party('client'), node)
      for (let index = 0; index < 2; index++) {
        const channel = await peer.open('status')
        expect(decodeFrame(progressFrame, (await channel.receive())!).durableBytes).to.equal(1)
      }
      const third = await failureOf(
        peer.open('status').then(async (channel) => decoded((await channel.receive())!)),
      )
      expect(third.code).to.be.oneOf(['PEER_LIMIT', 'NODE_UNREACHABLE'])
      release.resolve(undefined)
    })

    it('limits the streams of one peer over all its connections together', async () => {
      const release = Promise.withResolvers<undefined>()
      const node = await busyNode(release.promise)
      const connections: Peer[] = []
      for (let index = 0; index < 3; index++) {
        connections.push(await connect(await party('client'), node))
      }
      const codes: string[] = []
      for (const peer of connections) {
        const frame = await (await peer.open('status')).receive()
        const failure = await failureOf(decoded(frame!)).catch(() => null)
        codes.push(failure?.code ?? 'served')
      }
      expect(codes).to.deep.equal(['served', 'served', 'PEER_LIMIT'])
      release.resolve(undefined)
    })

    it('shows a cut as a failure, never as the end', async () => {
      const node = await party('node', {
        onStart: (transport) =>
          transport.handle('fetch', async (channel) => {
            await channel.send(encodeFrame({ durableBytes: 1 }))
            channel.abort(new Error('gone'))
          }),
      })
      const peer = await connect(await party('client'), node)
      const failure = await failureOf(
        (async () => {
          const channel = await peer.open('fetch')
          while ((await channel.receive()) !== null);
        })(),
      )
      expect(failure.code).to.equal('NODE_UNREACHABLE')
    })

    it('shows a peer that stopped as a failure', async () => {
      const reached = Promise.withResolvers<undefined>()
      const node = await party('node', {
        onStart: (transport) =>
          transport.handle('fetch', async (channel) => {
            reached.resolve(undefined)
            await channel.receive()
          }),
      })
      const peer = await connect(await party('client'), node)
      const channel = await peer.open('fetch')
      await reached.promise
      await node.stop()
      expect((await failureOf(channel.receive())).code).to.equal('NODE_UNREACHABLE')
      expect((await failureOf(peer.open('fetch'))).code).to.equal('NODE_UNREACHABLE')
    })

    it('reports an address nobody answers at', async () => {
      const node = await echoNode()
      const address = { peerId: node.peerId, addresses: node.addresses }
      await node.stop()
      const client = await party('client')
      expect((await failureOf(client.dial(address))).code).to.equal('NODE_UNREACHABLE')
    })

    it('gives up when the caller does', async () => {
      const node = await echoNode()
      const client = await party('client')
      const peer = await connect(client, node)
      const channel = await peer.open('status')
      const stop = new AbortController()
      const receiving = failureOf(channel.receive({ signal: stop.signal }))
      stop.abort()
      expect((await receiving).code).to.equal('ABORTED')
      const dialled = client.dial(
        { peerId: node.peerId, addresses: node.addresses },
        { signal: AbortSignal.abort() },
      )
      expect((await failureOf(dialled)).code).to.equal('ABORTED')
    })

    it('counts wire bytes in both directions, above what frames carry', async () => {
      const node = await echoNode()
      const client = await party('client')
      const channel = await (await connect(client, node)).open('status')
      await channel.send(new Uint8Array(100 * KIB))
      await channel.receive()
      expect(client.wireBytes.sentBytes).to.be.above(100 * KIB)
      expect(client.wireBytes.sentBytes).to.be.below(110 * KIB)
      expect(client.wireBytes.receivedBytes).to.be.above(100 * KIB)
    })

    it('may be started and stopped twice', async () => {
      const node = await echoNode()
      await node.start()
      await node.stop()
      await node.stop()
    })
  })
}

async function echo(channel: FrameChannel): Promise<void> {
  for (;;) {
    const frame = await channel.receive()
    if (frame === null) return
    await channel.send(frame)
  }
}

function decoded(frame: Uint8Array): Promise<object> {
  return Promise.resolve(frame).then((bytes) => decodeFrame(progressFrame, bytes))
}

import { expect } from 'chai'
import { concat } from '@orlop/crypto/bytes'
import { type CborValue, decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import type { Clock } from '@orlop/protocol/clock'
import { DAY_MS } from '@orlop/protocol/api/overview'
import { OrlopError } from '@orlop/protocol/errors'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { progressFrame } from '@orlop/protocol/wire/common'
import { decodeFrame, encodeFrame, type Verb } from '@orlop/protocol/wire/frame'
import { helloFrame } from '@orlop/protocol/wire/hello'
import { piecesOf } from '@orlop/transport/frame-codec'
import type { HelloClaims } from '@orlop/transport/hello'
import { createLibp2pDialer } from '@orlop/transport/libp2p-dialer'
import { peerIdOf } from '@orlop/transport/libp2p-identity'
import { createLibp2pTransport } from '@orlop/transport/libp2p-transport'
import type { RawConnection, RawDialer, RawStream } from '@orlop/transport/raw-connection'
import { createRelayTransport } from '@orlop/transport/relay/create-relay-transport'
import { accountOf, seedOf, selfOf } from '@orlop/transport/test-parties'
import type { Transport } from '@orlop/transport/transport'
import { DEFAULT_TRANSPORT_LIMITS } from '@orlop/transport/transport-limits'
import { recordOf, startTestRelay, type TestRelay } from './test-relay.ts'

type Change = (frame: Uint8Array, verb: Verb) => Uint8Array

interface Misdeeds {
  toNode: Change
  toBrowser: Change
  /** The peer id that the browser is told. */
  claimedPeerId: string | null
  /** Where the gateway connects instead of the node it was asked for. */
  insteadOf: Transport | null
  /** What the gateway keeps of the connections it was lent, and the means to make another under the same peer id. */
  lent: { dialer: RawDialer; connection: RawConnection }[]
}

/** Goes on when it is told to. */
class HandClock implements Clock {
  aheadMs = 0
  nowMs = () => Date.now() + this.aheadMs
  monotonicMs = () => performance.now() + this.aheadMs
}

const leave: Change = (frame) => frame

/** Gateways that do not pass on what they were given. Hello is run by the browser and the node, so they find out. */
describe('relay of a hostile gateway', () => {
  let gateway: TestRelay
  let misdeeds: Misdeeds
  let claims: HelloClaims[]
  let clock: HandClock
  const started: Transport[] = []

  beforeEach(async () => {
    claims = []
    clock = new HandClock()
    misdeeds = {
      ...{ toNode: leave, toBrowser: leave, claimedPeerId: null, insteadOf: null },
      lent: [],
    }
    gateway = await startTestRelay({
      createDialer: async () => hostile(await honestDialer(), misdeeds),
    })
  })

  afterEach(async () => {
    for (const transport of started.splice(0)) await transport.stop()
    await gateway.stop()
  })

  async function startNode(label: string): Promise<Transport> {
    const node = await createLibp2pTransport({
      peerSeed: seedOf(`${label} peer`),
      self: () => selfOf(label, 'node', 7),
      admit: (claim) => {
        claims.push(claim)
        return Promise.resolve()
      },
      software: 'orlop-test/0',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      clock,
      // The clock of this test leaps.
      limits: { silentPeerMs: DAY_MS },
    })
    node.handle('status', async (channel) => {
      await channel.send(encodeFrame({ durableBytes: 1 }))
    })
    await node.start()
    started.push(node)
    gateway.nodes.push(recordOf(node))
    return node
  }

  /** A browser that knows from the registry under which account the node signs, as the SDK does. */
  async function browser(): Promise<Transport> {
    const transport = createRelayTransport({
      url: gateway.url,
      self: () => selfOf('client', 'client', 9),
      admit: ({ account }) =>
        account === accountOf('node')
          ? Promise.resolve()
          : Promise.reject(new OrlopError('SIGNATURE_INVALID', 'That is another account.')),
      software: 'orlop-test/0',
    })
    await transport.start()
    started.push(transport)
    return transport
  }

  it('is none while it does nothing wrong', async () => {
    const node = await startNode('node')
    const peer = await (await browser()).dial(node)
    expect(peer.identity).to.include({ account: accountOf('node'), peerId: node.peerId })
    expect(claims[0]).to.include({ role: 'client', id: 9, account: accountOf('client') })
  })

  for (const [what, change] of [
    ['the signature', (hello: Signed) => (hello.signature = flipFirst(hello.signature))],
    ['the time', (hello: Signed) => (hello.message.timeMs = Number(hello.message.timeMs) + 1)],
    ['the id', (hello: Signed) => (hello.message.id = 8)],
    ['the role', (hello: Signed) => (hello.message.role = 1)],
  ] as const) {
    it(`cannot change ${what} of the node’s hello`, async () => {
      const node = await startNode('node')
      misdeeds.toBrowser = helloChanged(change)
      const failure = await failureOf((await browser()).dial(node))
      expect(failure.code).to.be.oneOf(['SIGNATURE_INVALID', 'MALFORMED_MESSAGE'])
    })
  }

  it('cannot change the browser’s hello and stay who the browser is', async () => {
    const node = await startNode('node')
    misdeeds.toNode = helloChanged(
      (hello) => (hello.message.timeMs = Number(hello.message.timeMs) + 1),
    )
    await (await browser()).dial(node).catch(() => undefined)
    expect(claims).to.have.length(1)
    for (const { account } of claims) expect(account).not.to.equal(accountOf('client'))
  })

  it('cannot have a hello signed for a peer id that is not its own', async () => {
    const node = await startNode('node')
    misdeeds.claimedPeerId = await peerIdOf(seedOf('another peer'))
    const failure = await failureOf((await browser()).dial(node))
    expect(failure.code).to.equal('SIGNATURE_INVALID')
    expect(claims).to.deep.equal([])
  })

  it('cannot use the hello of one session in another, nor at another node', async () => {
    const node = await startNode('node')
    const other = await startNode('other node')
    let recorded: Uint8Array | null = null
    misdeeds.toNode = (frame) => (recorded = frame)
    await (await browser()).dial(node)
    expect(claims).to.have.length(1)
    misdeeds.toNode = () => recorded!
    for (const target of [node, other]) {
      const failure = await failureOf((await browser()).dial(target))
      expect(failure.code).to.equal('SIGNATURE_INVALID')
    }
    expect(claims).to.have.length(1)
  })

  it('cannot use the connection that it was lent for longer than the hello on it lives, nor revive it', async () => {
    const node = await startNode('node')
    let hello: Uint8Array | null = null
    misdeeds.toNode = (frame, verb) => (verb === 'hello' ? (hello = frame) : frame)
    await (await browser()).dial(node)
    const [lent] = misdeeds.lent
    if (lent === undefined) throw new Error('expected a connection that was lent')
    expect(await answerTo(lent.connection)).to.equal('served')
    claims.length = 0
    clock.aheadMs += DEFAULT_TRANSPORT_LIMITS.helloLifetimeMs + 1_000
    const another = await lent.dialer.dial(node, { onClose: () => undefined })
    for (const connection of [lent.connection, another]) {
      const stream = await connection.openStream('hello')
      await stream.send(hello!)
      const { wantsFreshTime } = decodeFrame(helloFrame, (await stream.receive())!)
      expect(wantsFreshTime, 'asks for a hello that only the browser can sign').to.equal(true)
    }
    expect(await answerTo(lent.connection)).to.equal('TIMEOUT')
    expect(await answerTo(another)).to.equal('NOT_ADMITTED')
    expect(claims, 'nobody is even looked up').to.deep.equal([])
  })

  it('cannot put a node of its own in the place of the one that was asked for', async () => {
    const node = await startNode('node')
    misdeeds.insteadOf = await startNode('node of the gateway')
    const failure = await failureOf((await browser()).dial(node))
    expect(failure.code).to.equal('SIGNATURE_INVALID')
  })
})

/** What a node answers to a stream of a verb: served, or why not. */
async function answerTo(connection: RawConnection): Promise<string> {
  const stream = await connection.openStream('status')
  const frame = await stream.receive()
  try {
    decodeFrame(progressFrame, frame!)
    return 'served'
  } catch (error) {
    if (error instanceof OrlopError) return error.code
    throw error
  }
}

interface Signed {
  message: Record<string, CborValue>
  signature: Uint8Array
}

function helloChanged(change: (hello: Signed) => unknown): Change {
  return (frame, verb) => {
    if (verb !== 'hello') return frame
    const value = decodeCbor(frame, { maxBytes: MAX_FRAME_BYTES }) as unknown as { hello?: Signed }
    if (value.hello === undefined) return frame
    change(value.hello)
    return encodeCbor(value as unknown as CborValue)
  }
}

function flipFirst(bytes: Uint8Array): Uint8Array {
  const flipped = bytes.slice()
  flipped[0] = (flipped[0] ?? 0) ^ 1
  return flipped
}

async function honestDialer(): Promise<RawDialer> {
  const dialer = await createLibp2pDialer({ peerSeed: crypto.getRandomValues(new Uint8Array(32)) })
  await dialer.start()
  return dialer
}

function hostile(dialer: RawDialer, misdeeds: Misdeeds): RawDialer {
  return {
    get peerId() {
      return misdeeds.claimedPeerId ?? dialer.peerId
    },
    start: () => dialer.start(),
    stop: () => dialer.stop(),
    dial: async (address, options) => {
      const { peerId, addresses } = misdeeds.insteadOf ?? address
      const connection = await dialer.dial({ peerId, addresses }, options)
      misdeeds.lent.push({ dialer, connection })
      return tampering(connection, misdeeds)
    },
  }
}

function tampering(connection: RawConnection, misdeeds: Misdeeds): RawConnection {
  return {
    remotePeerId: connection.remotePeerId,
    get isOpen() {
      return connection.isOpen
    },
    openStream: async (verb, options) => {
      const stream = await connection.openStream(verb, options)
      const changed: RawStream = {
        send: (frame, sendOptions) =>
          stream.send(misdeeds.toNode(concat(...piecesOf(frame)), verb), sendOptions),
        receive: async (receiveOptions) => {
          const frame = await stream.receive(receiveOptions)
          return frame === null ? null : misdeeds.toBrowser(frame, verb)
        },
        close: () => stream.close(),
        abort: (error) => {
          stream.abort(error)
        },
      }
      return changed
    },
    close: () => connection.close(),
    abort: (error) => {
      connection.abort(error)
    },
  }
}

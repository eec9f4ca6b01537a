import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { CborValue } from '@orlop/crypto/format/cbor'
import { seededRandom } from '@orlop/client-sdk/testkit/seeded-random'
import { OrlopError } from '@orlop/protocol/errors'
import { REQUEST_LEASE_MS } from '@orlop/protocol/limits'
import { RATING_CAUSES } from '@orlop/protocol/messages/keeping'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { StoreRequest } from '@orlop/client-sdk/actions/store'
import { DishonestNode, type Tamper } from '../testkit/tampering.ts'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

use(chaiAsPromised)

const honest: Tamper = (frame) => frame

/** Changes one byte of the sealed bytes a node sends. */
function flipAt(position: number): Tamper {
  return (frame, verb) => {
    const { data } = frame
    if (verb !== 'fetch' || !(data instanceof Uint8Array) || position >= data.length) return frame
    const changed = data.slice()
    changed[position] = (changed[position] ?? 0) ^ 0x01
    return { ...frame, data: changed }
  }
}

/** Changes one byte of a strip that is sent from its beginning in many frames. Each copy counts for itself. */
function flipInStream(position: number): () => Tamper {
  return () => {
    let sentBytes = 0
    return (frame, verb) => {
      const { data } = frame
      if (verb !== 'fetch') return frame
      if (!(data instanceof Uint8Array)) {
        sentBytes = 0
        return frame
      }
      const at = position - sentBytes
      sentBytes += data.length
      if (at < 0 || at >= data.length) return frame
      const changed = data.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x80
      return { ...frame, data: changed }
    }
  }
}

/** Changes a frame of one verb where `field` is in it. */
function change(verb: Verb, field: string, by: (value: CborValue) => CborValue): Tamper {
  return (frame, sentVerb) =>
    sentVerb === verb && field in frame ? { ...frame, [field]: by(frame[field]!) } : frame
}

function flipLast(value: CborValue): CborValue {
  if (!(value instanceof Uint8Array)) throw new TypeError('expected bytes')
  const changed = value.slice()
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  return changed
}

type Fields = Record<string, CborValue>

describe('adversary: a node that lies to a reader', () => {
  let fleet: SdkFleet
  let nodes: DishonestNode[]
  let owner: SdkClient

  before(async () => {
    fleet = new SdkFleet()
    nodes = ['A01', 'A02'].map((name) => new DishonestNode(name, fleet.network))
    await fleet.fleet.startNode('A01', nodes[0]!.settings)
    await fleet.fleet.startNode('A02', nodes[1]!.settings)
    owner = await fleet.client({ settings: { distrustMs: 0 } })
  })
  after(() => fleet.close())
  afterEach(() => setTamper(honest, honest))

  function setTamper(first: Tamper, second: Tamper) {
    nodes[0]!.tamper = first
    nodes[1]!.tamper = second
  }

  async function storeSmall(request: Partial<StoreRequest> = {}) {
    const bytes = sampleBytes(40)
    const overrides = { codec: 'stored' } as const
    const source = { bytes }
    const result = await owner.client.store({ source, name: 'small', overrides, ...request })
    return { bytes, ...result }
  }

  async function read(client: SdkClient['client'], objectId: string): Promise<Uint8Array> {
    const { stream } = await client.retrieve({ objectId })
    return readAll(stream)
  }

  it('gives an error for a flipped bit at every byte of every copy, never wrong data', async () => {
    const { objectId, sealedBytes } = await storeSmall()
    for (let position = 0; position < sealedBytes; position++) {
      setTamper(flipAt(position), flipAt(position))
      await expect(read(owner.client, objectId), `byte ${position}`)
        .to.be.rejectedWith('damaged')
        .and.eventually.include({ code: 'OBJECT_DAMAGED' })
    }
  })

  it('reads the other copy when one node flips bits, and names the node that did', async () => {
    const { objectId, bytes } = await storeSmall()
    for (const dishonest of [0, 1]) {
      setTamper(dishonest === 0 ? flipAt(3) : honest, dishonest === 1 ? flipAt(3) : honest)
      const blamed = new Set<string>()
      const stop = owner.client.listen((event) => {
        if (event.type === 'damaged') blamed.add(event.node.name)
      })
      for (let reading = 0; reading < 4; reading++) {
        expect(Buffer.compare(await read(owner.client, objectId), bytes)).to.equal(0)
      }
      stop()
      expect([...blamed].filter((name) => name !== `A0${dishonest + 1}`)).to.deep.equal([])
    }
  })

  it('finds damage in the middle of a large object and goes on with the other copy', async () => {
    const bytes = sampleBytes(9_000_000)
    const { objectId } = await storeSmall({ source: { bytes } })
    let frames = 0
    const flipOne: Tamper = (frame, verb) =>
      verb === 'fetch' && 'data' in frame && frames++ === 30 ? flipAt(5)(frame, verb) : frame
    setTamper(flipOne, flipOne)
    expect(Buffer.compare(await read(owner.client, objectId), bytes)).to.equal(0)
    expect(frames).to.be.greaterThan(30)
  })

  it('gives an error for a flipped bit at any place of a large object', async () => {
    const bytes = sampleBytes(1_000_000)
    const overrides = { codec: 'stored' } as const
    const { objectId, sealedBytes } = await storeSmall({ source: { bytes }, overrides })
    const random = seededRandom(5)
    for (let time = 0; time < 20; time++) {
      const at = Math.floor(random() * sealedBytes)
      const damage = flipInStream(at)
      setTamper(damage(), damage())
      await expect(
        read(owner.client, objectId),
        `byte ${at}`,
      ).to.be.rejected.and.eventually.include({
        code: 'OBJECT_DAMAGED',
      })
    }
    setTamper(honest, honest)
    expect(Buffer.compare(await read(owner.client, objectId), bytes)).to.equal(0)
  })

  it('leaves half of nothing when a reader asks for a range of a damaged object', async () => {
    const { objectId } = await storeSmall()
    setTamper(flipAt(3), flipAt(3))
    const got: Uint8Array[] = []
    const reading = (async () => {
      const { stream } = await owner.client.retrieve({ objectId, range: { start: 1, end: 5 } })
      for await (const piece of stream) got.push(piece)
    })()
    await expect(reading).to.be.rejected.and.eventually.include({ code: 'OBJECT_DAMAGED' })
    expect(got).to.deep.equal([])
  })

  it('notices a strip that is cut short, or too long', async () => {
    const { objectId } = await storeSmall()
    const cut = change('fetch', 'data', (data) => (data as Uint8Array).slice(0, -1))
    setTamper(cut, cut)
    await expect(read(owner.client, objectId)).to.be.rejected.and.eventually.include({
      code: 'OBJECT_DAMAGED',
    })
    const longer = change('fetch', 'data', (data) => new Uint8Array([...(data as Uint8Array), 0]))
    setTamper(longer, longer)
    await expect(read(owner.client, objectId)).to.be.rejected.and.eventually.include({
      code: 'OBJECT_DAMAGED',
    })
  })

  it('notices a node that offers another strip', async () => {
    const { objectId } = await storeSmall()
    const other: Tamper = (frame, verb) => {
      if (verb !== 'fetch' || !('commit' in frame)) return frame
      const commit = frame['commit'] as Fields
      const message = commit['message'] as Fields
      return {
        ...frame,
        commit: { ...commit, message: { ...message, root: flipLast(message['root']!) } },
      }
    }
    setTamper(other, other)
    await expect(read(owner.client, objectId)).to.be.rejected.and.eventually.include({
      code: 'OBJECT_DAMAGED',
    })
  })

  it('leaves no file behind when every copy is damaged', async () => {
    const { objectId } = await storeSmall()
    const folder = await fleet.folder()
    setTamper(flipAt(0), flipAt(0))
    const writing = owner.client.retrieveToFile({ objectId, file: join(folder, 'out') })
    await expect(writing).to.be.rejected.and.eventually.include({ code: 'OBJECT_DAMAGED' })
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('tells in a verification which copy is damaged', async () => {
    const { objectId, strips } = await storeSmall()
    setTamper(flipAt(1), honest)
    const found = await owner.client.verify({ objectId })
    expect(found.isSound).to.equal(false)
    for (const strip of found.strips) {
      expect(strip.result).to.equal(strip.nodeName === 'A01' ? 'damaged' : 'sound')
    }
    expect(strips).to.have.length(2)
  })

  it('accepts no envelope with a changed byte, from either node or both', async () => {
    const { objectId, bytes } = await storeSmall()
    let length = 1
    for (let position = 0; position < length; position++) {
      const flip = change('envelope', 'envelope', (value) => {
        const changed = (value as Uint8Array).slice()
        length = changed.length
        changed[position] = (changed[position] ?? 0) ^ 0x10
        return changed
      })
      if (position % 16 === 0) {
        setTamper(flip, honest)
        expect(Buffer.compare(await read(owner.client, objectId), bytes)).to.equal(0)
      }
      setTamper(flip, flip)
      await expect(read(owner.client, objectId), `byte ${position}`)
        .to.be.rejectedWith(OrlopError)
        .and.eventually.include({ code: 'ENVELOPE_INVALID' })
    }
    expect(length).to.be.greaterThan(300)
  }).timeout(120_000)

  it('accepts no older envelope than this client has seen', async () => {
    const reader = await fleet.client()
    const { objectId } = await storeSmall()
    const kept = await recordEnvelope(objectId)
    await owner.client.share({ objectId, recipient: reader.client.record!.clientId })
    const old = change('envelope', 'envelope', () => kept)
    setTamper(old, old)
    await expect(read(owner.client, objectId)).to.be.rejected.and.eventually.include({
      code: 'ENVELOPE_ROLLED_BACK',
    })
    setTamper(old, honest)
    expect(await read(owner.client, objectId)).to.have.length(40)
  })

  it('accepts no older envelope than the ledger has fixed, also without a catalogue', async () => {
    const reader = await fleet.client()
    const recipientId = reader.client.record!.clientId
    const { objectId } = await storeSmall({ waitFor: 'recorded' })
    await owner.client.share({ objectId, recipient: recipientId })
    const shared = await recordEnvelope(objectId)
    await owner.client.revoke({ objectId, recipientId, anchor: true })
    await expectAnchored(objectId)
    const old = change('envelope', 'envelope', () => shared)
    setTamper(old, old)
    await expect(read(reader.client, objectId)).to.be.rejected.and.eventually.include({
      code: 'ENVELOPE_ROLLED_BACK',
    })
    setTamper(honest, honest)
    await expect(read(reader.client, objectId)).to.be.rejected.and.eventually.include({
      code: 'WRONG_KEY',
    })
  })

  it('answers every malformed frame with a typed error', async () => {
    const { objectId } = await storeSmall()
    const shapes: object[] = [
      [],
      { x: 1 },
      { data: 'text' },
      { error: { code: 1 } },
      { endBytes: -1 },
    ]
    for (const verb of ['fetch', 'envelope'] as const) {
      for (const shape of shapes) {
        const malformed: Tamper = (frame, sent) => (sent === verb ? shape : frame)
        setTamper(malformed, malformed)
        await expect(read(owner.client, objectId)).to.be.rejectedWith(OrlopError)
      }
    }
  })

  /** The envelope that nodes have at present. */
  async function recordEnvelope(objectId: string): Promise<Uint8Array> {
    const seen: Uint8Array[] = []
    const record = change('envelope', 'envelope', (value) => {
      seen.push(value as Uint8Array)
      return value
    })
    setTamper(record, record)
    await read(owner.client, objectId)
    setTamper(honest, honest)
    return seen[0]!
  }

  async function expectAnchored(objectId: string): Promise<void> {
    for (;;) {
      for await (const event of fleet.reader().objectEvents({})) {
        if (event.kind === 'envelope') return
      }
      await owner.client.tend()
      expect(objectId).to.be.a('string')
    }
  }
})

describe('adversary: a node that lies to a writer', () => {
  /** Every lie is told by A01, which the client asks first; A02 to A04 are honest. */
  const lies: Record<string, Tamper> = {
    'a reservation signed by nobody': change('offer', 'reservations', (value) =>
      (value as Fields[]).map((one) => ({ ...one, signature: flipLast(one['signature']!) })),
    ),
    'a reservation for another object': change('offer', 'reservations', (value) =>
      (value as Fields[]).map((one) => {
        const message = one['message'] as Fields
        return { ...one, message: { ...message, objectId: flipLast(message['objectId']!) } }
      }),
    ),
    'no reservation of its own': change('offer', 'reservations', (value) =>
      (value as Fields[]).slice(1),
    ),
    'an offset beyond what it was sent': change('store', 'durableBytes', () => 1_000_000_000),
    'another root than was sealed': change('store', 'root', flipLast),
    'another length than was sent': change('store', 'storedBytes', (bytes) => Number(bytes) + 1),
    'an acknowledgement signed by nobody': change('commit', 'ack', (ack) => ({
      ...(ack as Fields),
      signature: flipLast((ack as Fields)['signature']!),
    })),
    'an acknowledgement of something else': change('commit', 'ack', (ack) => {
      const message = (ack as Fields)['message'] as Fields
      return {
        ...(ack as Fields),
        message: { ...message, commitHash: flipLast(message['commitHash']!) },
      }
    }),
    'an acknowledgement of a strip that is not there': change('commit', 'index', () => 9),
    'frames that are nothing': (frame, verb) => (verb === 'store' ? { nothing: true } : frame),
  }

  for (const [lie, tamper] of Object.entries(lies)) {
    it(`is not used when it gives ${lie}; the object is stored elsewhere, after the lease`, async () => {
      const fleet = new SdkFleet()
      try {
        const dishonest = new DishonestNode('A01', fleet.network)
        await fleet.fleet.startNode('A01', dishonest.settings)
        await fleet.startNodes(['A02', 'A03', 'A04'])
        const clock = { aheadMs: 0, nowMs: () => Date.now(), monotonicMs: () => 0 }
        clock.monotonicMs = () => performance.now() + clock.aheadMs
        const { client } = await fleet.client({ clock, random: () => 0 })
        dishonest.tamper = tamper
        const bytes = sampleBytes(200_000)
        const damaged: string[] = []
        const result = await client.store(
          { source: { bytes }, name: 'x', overrides: { copies: 2, codec: 'stored' } },
          {
            onProgress: (event) => {
              if (event.type === 'damaged') damaged.push(event.node.name)
              if (event.type === 'retrying') clock.aheadMs += REQUEST_LEASE_MS
            },
          },
        )
        expect(damaged).to.include('A01')
        expect(result.strips.map(({ nodeName }) => nodeName)).to.not.include('A01')
        const { stream } = await client.retrieve({ objectId: result.objectId })
        expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
      } finally {
        await fleet.close()
      }
    })
  }
})

describe('adversary: a node that keeps its receipts back', () => {
  const PATIENCE_MS = 600_000
  let fleet: SdkFleet
  let withholding: number
  let clock: { aheadMs: number; nowMs: () => number; monotonicMs: () => number }
  let owner: SdkClient
  let withheldBy: string[]

  beforeEach(async () => {
    fleet = new SdkFleet()
    // The default would do; a day makes sure that no test sees it recorded after all.
    await fleet.fleet.startNode('A01', { options: { receiptMaxAgeMs: 86_400_000 } })
    await fleet.startNodes(['A02', 'A03'])
    withholding = (await fleet.fleet.admin.nodes()).find(({ name }) => name === 'A01')!.nodeId
    clock = {
      aheadMs: 0,
      nowMs: () => Date.now() + clock.aheadMs,
      monotonicMs: () => performance.now() + clock.aheadMs,
    }
    const settings = { receiptPatienceMs: PATIENCE_MS }
    owner = await fleet.client({ clock, random: () => 0, settings })
    withheldBy = []
    owner.client.listen((event) => {
      if (event.type === 'withheld') withheldBy.push(event.node.name)
    })
  })
  afterEach(() => fleet.close())

  /** Stores an object of which one copy is at the withholding node, and waits until the ledger has the other's receipt. */
  async function storeWithheld(): Promise<{ objectId: string; sequence: number }> {
    const source = { bytes: sampleBytes(1_000) }
    const overrides = { codec: 'stored', copies: 2 } as const
    const { objectId, strips } = await owner.client.store({ source, name: 'withheld', overrides })
    const strip = strips.find(({ nodeId }) => nodeId === withholding)
    expect(strip, 'a copy at A01').to.not.equal(undefined)
    while ((await recordedBy()).length < 1) await owner.client.tend()
    return { objectId, sequence: strip!.sequence }
  }

  async function recordedBy(): Promise<number[]> {
    const receipts = await Array.fromAsync(fleet.reader().receipts({}))
    return receipts.map(({ nodeId }) => nodeId)
  }

  async function ratingsOf(nodeId: number) {
    const found = await Array.fromAsync(fleet.reader().creditEvents({ nodeId }))
    return found.flatMap((event) => (event.kind === 'rated' ? [event] : []))
  }

  it('is outrun: another node puts the receipt there, and the rating says late', async () => {
    const { objectId, sequence } = await storeWithheld()
    await owner.client.tend()
    expect(withheldBy).to.deep.equal([])
    expect(await recordedBy()).to.not.include(withholding)
    clock.aheadMs += PATIENCE_MS
    await owner.client.tend()
    expect(withheldBy).to.deep.equal(['A01'])
    while (!(await recordedBy()).includes(withholding)) await owner.client.tend()
    expect((await owner.client.status({ objectId })).state).to.be.oneOf(['recorded', 'final'])
    while ((await ratingsOf(withholding)).length === 0) await owner.client.tend()
    const [rating] = await ratingsOf(withholding)
    expect(rating).to.include({ sequence, score: 2, causeCode: RATING_CAUSES['late-record'] })
  })

  it('makes nobody wait for ever who waits for *recorded*', async () => {
    const { objectId } = await storeWithheld()
    await owner.client.tend()
    clock.aheadMs += PATIENCE_MS
    const entry = await owner.client.await({ objectId, state: 'recorded' })
    expect(entry.strips.map(({ transactionHash }) => typeof transactionHash)).to.deep.equal([
      'string',
      'string',
    ])
    expect(withheldBy).to.deep.equal(['A01'])
  })

  it('harms no other: an honest node of the same object is rated as before', async () => {
    await storeWithheld()
    const [honest] = await recordedBy()
    while ((await ratingsOf(honest!)).length === 0) await owner.client.tend()
    const [rating] = await ratingsOf(honest!)
    expect(rating).to.include({ score: 5, causeCode: RATING_CAUSES['stored-well'] })
    expect(await ratingsOf(withholding)).to.deep.equal([])
  })

  it('is blamed for nothing while the ledger is away', async () => {
    await storeWithheld()
    await owner.client.tend()
    fleet.fleet.ledger.setOutage(true)
    clock.aheadMs += PATIENCE_MS
    await owner.client.tend()
    fleet.fleet.ledger.setOutage(false)
    await owner.client.tend()
    expect(withheldBy).to.deep.equal([])
    clock.aheadMs += PATIENCE_MS
    await owner.client.tend()
    expect(withheldBy).to.deep.equal(['A01'])
  })
})

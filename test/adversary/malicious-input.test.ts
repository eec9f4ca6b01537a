import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { encodeCbor, type CborValue } from '@orlop/crypto/format/cbor'
import { OrlopError } from '@orlop/protocol/errors'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import type { Verb } from '@orlop/protocol/wire/frame'
import { MemoryBlobStore } from '@orlop/node/storage/memory-blob-store'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { systemClock } from '@orlop/protocol/clock'
import { readAll, sampleBytes, SdkFleet } from '../testkit/sdk-fleet.ts'

const VERBS: readonly Verb[] = [
  ...(['offer', 'store', 'commit', 'fetch', 'status', 'envelope', 'remove', 'relay'] as const),
]

describe('adversary: malicious input', () => {
  let fleet: SdkFleet

  beforeEach(() => {
    fleet = new SdkFleet()
  })
  afterEach(() => fleet.close())

  describe('to a node', () => {
    const cbor: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.string(),
        fc.uint8Array({ maxLength: 80 }),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(
          fc.constantFrom('offer', 'commits', 'objectId', 'clientId', 'index', 'get', 'put', 'x'),
          tie('value'),
          { maxKeys: 5 },
        ),
      ),
    })).value
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      cbor.map((value) => encodeCbor(value)),
    )

    it('in any message ends in a typed error, and the node serves on', async () => {
      await fleet.startNodes(['A01', 'A02'])
      const { client } = await fleet.client()
      const attacker = await fleet.fleet.client('attacker')
      const { node } = await fleet.fleet.startNode('A03')
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...VERBS), frames, async (verb, frame) => {
          const channel = await attacker.open(node, verb)
          await channel.send(frame)
          await channel.close()
          for (;;) {
            const answer = await channel.receive().catch((error: unknown) => {
              expect(error).to.be.instanceOf(OrlopError)
              return null
            })
            if (answer === null) return
            expect(answer.length).to.be.at.most(MAX_FRAME_BYTES)
          }
        }),
        { numRuns: 300, seed: 3 },
      )
      expect((await node.health()).ok).to.equal(true)
      const result = await client.store({ source: { bytes: sampleBytes(1_000) }, name: 'after' })
      expect(result.state).to.equal('stored')
    })
  })

  it('of a disk that is full sends the object to another node, and leaves no half of it', async () => {
    // It promises room that its disk does not have.
    const blobs = new MemoryBlobStore(systemClock, 100_000)
    await fleet.fleet.startNode('A01', { dependencies: { blobs } })
    await fleet.startNodes(['A02', 'A03'])
    const clock = { aheadMs: 0, nowMs: () => Date.now(), monotonicMs: () => 0 }
    clock.monotonicMs = () => performance.now() + clock.aheadMs
    const { client } = await fleet.client({ clock, settings: { ingressPatienceMs: 1_000 } })
    const bytes = sampleBytes(400_000)
    for (let time = 0; time < 6; time++) {
      const { objectId, strips } = await client.store(
        { source: { bytes }, name: 'x', overrides: { codec: 'stored', copies: 2 } },
        { onProgress: ({ type }) => (type === 'retrying' ? (clock.aheadMs += 60_000) : undefined) },
      )
      expect(strips.map(({ nodeName }) => nodeName)).not.to.include('A01')
      const { stream } = await client.retrieve({ objectId })
      expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
    }
    const kept = await Array.fromAsync(blobs.list())
    expect(kept.filter(({ place }) => place === 'final')).to.deep.equal([])
  })

  it('of a name never leaves the folder, the catalogue or the other names', async () => {
    await fleet.startNodes(['A01', 'A02'])
    const { client } = await fleet.client()
    const names = [
      '../../up',
      '/etc/passwd',
      'a\u0000b',
      '\u202Egpj.exe',
      '\\\\host\\x',
      '.',
      '-rf',
    ]
    const ids = new Map<string, string>()
    for (const name of names) {
      const { objectId } = await client.store({ source: { bytes: sampleBytes(10) }, name })
      ids.set(objectId, name)
    }
    const entries = await client.list()
    expect(entries.map(({ name }) => name)).to.have.members(names)
    const folder = await fleet.folder()
    for (const [objectId] of ids) {
      const entry = await client.retrieveToFile({ objectId, file: join(folder, objectId) })
      expect(ids.get(objectId)).to.equal(entry.name)
    }
    expect(await readdir(folder)).to.have.length(names.length)
  })

  it('of an object’s name is refused before anybody is asked', async () => {
    await fleet.startNodes(['A01'])
    const { client } = await fleet.client()
    const bad = ['', 'orlop:', `orlop:${'a'.repeat(51)}`, `orlop:${'1'.repeat(52)}`, 'http://x']
    for (const objectId of bad) {
      expect((await failureOf(client.retrieve({ objectId }))).code).to.equal('USAGE')
    }
  })
})

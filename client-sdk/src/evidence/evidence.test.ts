import { AnvilProcess } from '@orlop/contracts/embedded/anvil-process'
import { addressOfKey, testKey } from '@orlop/contracts/chain-client.fixture'
import { encodeUtf8 } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { expect } from 'chai'
import fc from 'fast-check'
import { checkEvidence, type EvidenceReport } from './check-evidence.ts'
import { canonical, decodeEvidence, encodeEvidence } from './evidence-file.ts'
import { type Evidence, MAX_EVIDENCE_BYTES } from './evidence-format.ts'
import { EvidenceFixture, NEW_CLIENT_KEY } from './evidence.fixture.ts'
import type { EvidenceLedger } from './evidence-ledger.ts'
import { RpcEvidenceLedger } from './rpc-evidence-ledger.ts'

describe('evidence', () => {
  let anvil: AnvilProcess
  let fixture: EvidenceFixture
  let bytes: Uint8Array
  let evidence: Evidence

  before(async () => {
    anvil = await AnvilProcess.start()
    fixture = await EvidenceFixture.on(anvil)
    await fixture.fill()
    const made = await fixture.compose()
    bytes = made.bytes
    evidence = made.evidence
  })
  after(() => anvil.stop())

  interface Circumstances {
    readonly trusted?: Deployment | null
    readonly openLedger?: (deployment: Deployment) => EvidenceLedger
  }

  function check(file: Uint8Array, circumstances: Circumstances = {}): Promise<EvidenceReport> {
    const { trusted = fixture.ledger.deployment } = circumstances
    const openLedger = circumstances.openLedger ?? ((deployment) => fixture.open(deployment))
    return checkEvidence({ bytes: file, openLedger, trusted })
  }

  const results = ({ findings }: EvidenceReport, result: string) =>
    findings
      .filter((one) => one.result === result)
      .map(({ subject, statement }) => `${subject}: ${statement}`)

  describe('of an object that was kept longer, rated, moved and partly removed', () => {
    it('holds in everything, and leaves nothing open', async () => {
      const report = await check(bytes)
      expect(results(report, 'fails')).to.deep.equal([])
      expect(results(report, 'open')).to.deep.equal([])
      expect(report.isSound).to.equal(true)
    })

    it('tells the whole story', () => {
      expect(evidence.receipts.map(({ commit }) => commit.nodeId)).to.deep.equal([1, 2, 2])
      expect(evidence.receipts.map(({ batch }) => batch.proof.length)).to.deep.equal([3, 0, 0])
      expect(evidence.events.map(({ kind }) => kind)).to.have.members([
        'extended',
        'envelope',
        'moved',
        'removed',
      ])
      expect(evidence.ratings.map(({ score }) => score)).to.deep.equal([5, 2])
      expect(evidence.clients[0]?.signers).to.deep.equal([
        addressOfKey(testKey(21)),
        addressOfKey(NEW_CLIENT_KEY),
      ])
    })

    it('is the same bytes after reading', () => {
      expect(encodeEvidence(decodeEvidence(bytes))).to.deep.equal(bytes)
    })

    it('leaves open whose contracts they are when nobody says', async () => {
      const report = await check(bytes, { trusted: null })
      expect(report.isSound).to.equal(true)
      expect(results(report, 'open')).to.deep.equal([
        'ledger: the contracts are those of the known network',
      ])
    })
  })

  it('of a period brings every object with a receipt in it, and nothing else', async () => {
    const first = evidence.receipts[0]!.position.blockTimeMs
    const period = { kind: 'period', clientId: 1, fromMs: first, toMs: first + 1 } as const
    const made = await fixture.compose(period)
    const objects = new Set(made.evidence.receipts.map(({ commit }) => commit.objectId.join()))
    expect(objects.size).to.equal(5)
    expect((await check(made.bytes)).isSound).to.equal(true)
    const before = { ...period, fromMs: 0, toMs: first }
    expect(await failureOf(fixture.compose(before))).to.include({ code: 'OBJECT_NOT_FOUND' })
  })

  describe('changed', () => {
    /** Asking the ledger once for each question makes hundreds of checks cheap; it does not change meanwhile. */
    let remembered: EvidenceLedger

    before(() => {
      remembered = remembering(fixture.open({ ...fixture.ledger.deployment }))
    })

    it('in any byte is found', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat({ max: bytes.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          async (at, difference) => {
            const changed = bytes.slice()
            changed[at] = changed[at]! ^ difference
            expect(await isFound(changed)).to.equal(true)
          },
        ),
        { numRuns: 150, seed: 7 },
      )
    })

    it('by cutting off or adding is found', async () => {
      for (const length of [0, 1, bytes.length - 1]) {
        expect(await isFound(bytes.slice(0, length)), String(length)).to.equal(true)
      }
      expect(await isFound(Buffer.concat([bytes, Buffer.from('\n')]))).to.equal(true)
      expect(await isFound(Buffer.concat([Buffer.from('\uFEFF'), bytes]))).to.equal(true)
    })

    it('in any field is found, though the form stays right', async () => {
      const json = JSON.parse(new TextDecoder().decode(bytes)) as Json
      const places = placesIn(json)
      expect(places.length).to.be.above(150)
      for (const place of places) {
        const changed = encodeUtf8(canonical(changedAt(json, place)))
        expect(await isFound(changed), place.join('.')).to.equal(true)
      }
    })

    it('in any field that the ledger knows is found, though its exporter signs it anew', async () => {
      const json = JSON.parse(new TextDecoder().decode(bytes)) as Json
      const own = ['exported.atMs', 'exported.software', 'signature']
      for (const place of placesIn(json)) {
        if (own.includes(place.join('.'))) continue
        const changed = readable(encodeUtf8(canonical(changedAt(json, place))))
        // What has not the form of evidence any more is found before anybody looks at signatures.
        if (changed === null) continue
        expect(await isFound(fixture.resign(changed)), place.join('.')).to.equal(true)
      }
    })

    it('by leaving out any record, doubling or reordering, is found, though signed anew', async () => {
      for (const list of ['receipts', 'events', 'ratings', 'nodes', 'clients'] as const) {
        for (let at = 0; at < evidence[list].length; at++) {
          const others = (evidence[list] as object[]).toSpliced(at, 1)
          if (list === 'receipts' && others.length === 0) continue
          const label = `${list} without ${at}`
          expect(await isFound(fixture.resign({ ...evidence, [list]: others })), label).to.equal(
            true,
          )
        }
        const doubled = [...(evidence[list] as object[]), evidence[list][0]!]
        if (list === 'clients' && doubled.length > 2) continue
        expect(await isFound(fixture.resign({ ...evidence, [list]: doubled })), list).to.equal(true)
        const reversed = evidence[list].toReversed()
        if (reversed.length < 2) continue
        expect(await isFound(fixture.resign({ ...evidence, [list]: reversed })), list).to.equal(
          true,
        )
      }
    })

    it('and signed by a key that is not the exporter’s is found', async () => {
      expect(await isFound(fixture.resign(evidence, testKey(99)))).to.equal(true)
      const exported = { ...evidence.exported, signer: addressOfKey(testKey(21)) }
      const byFormer = fixture.resign({ ...evidence, exported }, testKey(21))
      expect(results(await check(byFormer), 'fails')).to.deep.equal([
        `file: ${addressOfKey(testKey(21))} was the key of client 1 at that block`,
      ])
    })

    async function isFound(file: Uint8Array): Promise<boolean> {
      const openLedger = (deployment: Deployment) =>
        JSON.stringify(deployment) === JSON.stringify(remembered.deployment)
          ? remembered
          : fixture.open(deployment)
      try {
        return !(await check(file, { openLedger })).isSound
      } catch (error) {
        expect(error)
          .to.have.property('code')
          .that.is.oneOf(['MALFORMED_MESSAGE', 'VERSION_UNSUPPORTED'])
        return true
      }
    }
  })

  describe('that is no evidence', () => {
    const refused = (file: Uint8Array) => failureOf(check(file))

    it('is refused: too large, another file, another version', async () => {
      const code = (value: string) => ({ code: value })
      expect(await refused(new Uint8Array(MAX_EVIDENCE_BYTES + 1))).to.include(
        code('MESSAGE_TOO_LARGE'),
      )
      expect(await refused(encodeUtf8('{"name":"x"}'))).to.include(code('MALFORMED_MESSAGE'))
      expect(await refused(encodeUtf8('['.repeat(1_000_000)))).to.include(code('MALFORMED_MESSAGE'))
      const version = canonical({
        ...(JSON.parse(new TextDecoder().decode(bytes)) as object),
        version: 2,
      })
      expect(await refused(encodeUtf8(version))).to.include(code('VERSION_UNSUPPORTED'))
    })
  })

  describe('on another ledger', () => {
    it('fails by its chain, and asks nothing else of it', async () => {
      const report = await check(bytes, { openLedger: (deployment) => chainOne(deployment) })
      expect(results(report, 'fails')).to.deep.equal([
        `ledger: chain ${evidence.deployment.chainId} with these contracts answers`,
      ])
    })

    it('fails by the contracts that the checker knows', async () => {
      const trusted = { ...fixture.ledger.deployment, credit: addressOfKey(testKey(5)) }
      const report = await check(bytes, { trusted })
      expect(results(report, 'fails')).to.deep.equal([
        'ledger: the contracts are those of the known network',
      ])
    })

    it('cannot be checked without one', async () => {
      const nobody = (deployment: Deployment) =>
        new RpcEvidenceLedger({ rpcUrl: 'http://127.0.0.1:1', deployment, retries: 0 })
      const error = await failureOf(check(bytes, { openLedger: nobody }))
      expect(error).to.include({ code: 'LEDGER_UNREACHABLE' })
    })
  })

  it('whose receipts a reorganisation took away fails in every proof', async () => {
    const lose = await fixture.ledger.ledger.markLoss()
    const commit = fixture.ledger.commit({ sequence: 9, objectId: testKey(0x99) }, NEW_CLIENT_KEY)
    await fixture.ledger.nodes[0].record([{ commit }])
    const objectIds = [testKey(0x99)]
    const made = await fixture.compose({ kind: 'objects', clientId: 1, objectIds })
    expect((await check(made.bytes)).isSound).to.equal(true)
    await lose()
    const report = await check(made.bytes)
    const failed = results(report, 'fails').map((line) => line.replace(/^orlop:\S+ /, ''))
    expect(failed).to.include.members([
      `ledger: complete up to block ${made.evidence.head.blockNumber}`,
      'strip 0 at node 1 no. 9: bit set',
      `strip 0 at node 1 no. 9: block ${made.evidence.receipts[0]!.position.blockNumber}`,
      'strip 0 at node 1 no. 9: on the ledger as the file says',
    ])
    expect(results(await check(bytes), 'fails')).to.deep.equal([])
  })
})

/** An endpoint of another chain. */
function chainOne(deployment: Deployment): EvidenceLedger {
  const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: '0x1' })
  const fetch = () => Promise.resolve(new Response(answer))
  return new RpcEvidenceLedger({ rpcUrl: 'http://127.0.0.1:1', deployment, fetch })
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type Place = (string | number)[]

/** Every value in a document that is no list and no object. */
function placesIn(json: Json, at: Place = []): Place[] {
  if (json === null || typeof json !== 'object') return [at]
  const entries = Array.isArray(json) ? [...json.entries()] : Object.entries(json)
  return entries.flatMap(([key, value]) => placesIn(value, [...at, key]))
}

/** A copy with one value changed as little as possible, into one of the same form where there is one. */
function changedAt(json: Json, [key, ...rest]: Place): Json {
  if (key === undefined) return changed(json)
  const copy = structuredClone(json) as Record<string | number, Json>
  copy[key] = changedAt(copy[key]!, rest)
  return copy
}

function changed(value: Json): Json {
  if (typeof value === 'number') return value + 1
  if (typeof value !== 'string') return value === null ? 0 : null
  const at = Math.max(0, value.length - 3)
  const letter = value[at] === 'a' ? 'b' : 'a'
  return value.slice(0, at) + letter + value.slice(at + 1)
}

function readable(file: Uint8Array): Evidence | null {
  try {
    return decodeEvidence(file)
  } catch {
    return null
  }
}

/** The same ledger, asked once for each question. */
function remembering(ledger: EvidenceLedger): EvidenceLedger {
  const answers = new Map<string, unknown>()
  return new Proxy(ledger, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const ask = value.bind(target) as (...args: unknown[]) => unknown
      const isHistory = ['receipts', 'objectEvents', 'creditEvents'].includes(String(name))
      return (...args: unknown[]) => {
        const key = `${String(name)} ${JSON.stringify(args)}`
        if (!answers.has(key)) {
          const answer = ask(...args)
          answers.set(key, isHistory ? Array.fromAsync(answer as AsyncIterable<unknown>) : answer)
        }
        const known = answers.get(key)
        return isHistory ? replay(known as Promise<unknown[]>) : known
      }
    },
  })
}

async function* replay(items: Promise<unknown[]>): AsyncGenerator {
  yield* await items
}
